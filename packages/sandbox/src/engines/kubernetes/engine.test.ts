/** What a cluster may do to a sandbox, and what becomes of it: a verdict only when the program's own end is known. */
import {
  type DocumentedCluster,
  documentedCluster,
  documentedManifests,
  type Kube,
  requireValid,
} from '@crucible/testkit/kubernetes'
import { afterEach, describe, expect, test } from 'vitest'
import { EngineFault, type FoundEngine, NotInImage, type RunOutcome, type RunSpec, type Sandbox } from '../../engine.ts'
import { NoRoom } from '../../no-room.ts'
import type { Limits } from '../../spec.ts'
import { kubernetesEngine } from './index.ts'

const mebibyte = 2 ** 20
const limits: Limits = {
  wallMs: 20_000,
  cpuMs: 10_000,
  memoryBytes: 64 * mebibyte,
  processes: 16,
  outputBytes: mebibyte,
  diskBytes: 8 * mebibyte,
}
const forever = new AbortController().signal

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function clusterWith(options: Parameters<typeof documentedCluster>[0] = {}): Promise<DocumentedCluster> {
  const cluster = await documentedCluster(options)
  opened.push(cluster)
  return cluster
}
async function engineOf(cluster: DocumentedCluster): Promise<FoundEngine> {
  const options = { slots: 2, stateDir: cluster.stateDir, uidBase: null, allowUnsafe: false, settings: cluster.settings }
  const engine = await kubernetesEngine(options)
  opened.push(engine)
  return engine
}
async function openIn(options: Parameters<typeof documentedCluster>[0] = {}) {
  const cluster = await clusterWith(options)
  const engine = await engineOf(cluster)
  return { cluster, engine, sandbox: await engine.open({ diskBytes: limits.diskBytes }) }
}
type Ran = RunOutcome & { readonly stdout: string }
async function bash(
  sandbox: Sandbox,
  script: string,
  more: Partial<RunSpec> & { onOutput?: (text: string) => void } = {},
): Promise<Ran> {
  const { onOutput, ...spec } = more
  let stdout = ''
  const outcome = await sandbox.run(
    { command: ['/bin/bash', '-c', script], env: {}, stdin: new Uint8Array(), limits, show: [], ...spec },
    (stream, chunk) => {
      if (stream === 'stdout') stdout += Buffer.from(chunk).toString('latin1')
      onOutput?.(stdout)
    },
    forever,
  )
  return { ...outcome, stdout }
}
const onlyPod = (cluster: DocumentedCluster): Kube => {
  const [pod, other] = cluster.pods()
  if (!pod || other) throw new Error(`there are ${cluster.pods().length} pods`)
  return pod
}
/** Starts a program, waits until it runs, and does something to its pod. */
async function meddle(act: (cluster: DocumentedCluster, pod: string) => unknown, script = 'echo up; sleep 60; echo after') {
  const { cluster, sandbox } = await openIn()
  const up = Promise.withResolvers<void>()
  const run = bash(sandbox, script, { onOutput: (text) => text.includes('up') && up.resolve() })
  run.catch(() => {})
  await up.promise
  await act(cluster, onlyPod(cluster).metadata.name)
  return { cluster, sandbox, run }
}

describe('the manifests', () => {
  test('of the guide are what Kubernetes publishes as their schema', () => {
    const manifests = documentedManifests()
    expect(manifests.map(({ kind }) => kind)).toContain('Role')
    for (const manifest of manifests) requireValid(manifest)
  })
  test('a schema check that could not fail would say nothing: unknown and wrong fields are refused', async () => {
    const role = documentedManifests().find(({ kind }) => kind === 'Role')
    expect(() => requireValid({ ...role, rules: [{ verbs: 'get' }] })).toThrow('/rules/0/verbs')
    expect(() => requireValid({ ...role, spec: {} })).toThrow('unknown field "spec"')
    expect(() => requireValid({ ...role, rules: [{ verbs: ['get'], resource: ['pods'] }] })).toThrow(
      'unknown field "rules.0.resource"',
    )
  })
  test('the role of the guide is enough, and each of its verbs is used', async () => {
    const { cluster, engine, sandbox } = await openIn()
    cluster.quota.pods = 0
    await expect(bash(sandbox, 'true')).rejects.toThrow(NoRoom) // so that the events are read too
    await engine.close()
    const used = new Set(cluster.seen.map(({ verb, group, resource }) => `${verb} ${group}/${resource}`))
    const allowed = documentedManifests().flatMap(({ rules = [] }) =>
      rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
        apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`))),
      ),
    )
    expect([...used].toSorted()).toEqual([...new Set(allowed)].toSorted())
  })
})

describe('a pod', () => {
  test('serves one program after the other while they leave nothing in it, and a new one what does not fit', async () => {
    const { cluster, sandbox } = await openIn()
    const pods = async (script: string, more: Partial<RunSpec> = {}) => {
      await bash(sandbox, script, more)
      return onlyPod(cluster).metadata.name
    }
    const first = await pods('echo kept > file')
    expect(await pods('true')).toBe(first)
    expect(await pods('touch /tmp/left')).toBe(first)
    const second = await pods('test ! -e /tmp/left')
    expect(second).not.toBe(first)
    expect(await pods('true', { limits: { ...limits, memoryBytes: 80 * mebibyte } })).not.toBe(second)
    expect((await bash(sandbox, 'cat file')).stdout).toBe('kept\n')
  })
  test('takes over everything that a run has left in the work directory, and shows it read-only once it is sealed', async () => {
    const { sandbox } = await openIn()
    await sandbox.put([{ path: 'a/b/given', content: Buffer.from([0, 255, 10]), mode: 0o755 }])
    await bash(
      sandbox,
      'mkdir -p d/e; head -c 3000000 /dev/urandom > d/e/big; sha256sum d/e/big > sum; ln -s ../sum d/link; mkfifo pipe; chmod 0 d/e; printf "#!/bin/sh\\necho run" > tool; chmod 755 tool',
    )
    await sandbox.seal()
    const { stdout } = await bash(
      sandbox,
      'stat -c %a d/e tool a/b/given; chmod 700 d/e 2>&1 | grep -c Read-only; od -An -tx1 a/b/given; readlink d/link; ls; ./tool; echo x > new || echo refused',
    )
    expect(stdout.split('\n')).toEqual([
      '0',
      '755',
      '755',
      '1',
      ' 00 ff 0a',
      '../sum',
      'a',
      'd',
      'sum',
      'tool',
      'run',
      'refused',
      '',
    ])
  })
  test('takes the image of its language', async () => {
    const { cluster, sandbox } = await openIn({
      config: { images: { default: 'registry.test/debian:12', cobol: 'registry.test/none:1' } },
    })
    await bash(sandbox, 'true', { language: 'python' })
    expect(onlyPod(cluster).spec.containers[0].image).toBe('registry.test/debian:12')
    await expect(bash(sandbox, 'true', { language: 'cobol' })).rejects.toThrow('ErrImagePull')
  })
  test('has a user of its own on its node, or one in its own user namespace', async () => {
    const plain = await openIn()
    await bash(plain.sandbox, 'true')
    expect(onlyPod(plain.cluster).spec.securityContext.runAsUser).toBeGreaterThanOrEqual(1_780_000_000)
    const mapped = await openIn({ config: { userNamespaces: true } })
    expect((await bash(mapped.sandbox, 'id -u')).stdout).toBe('65532\n')
  })
  test('is gone, with its Job, when its sandbox is destroyed', async () => {
    const { cluster, sandbox } = await openIn()
    await bash(sandbox, 'true')
    expect([cluster.jobs().length, cluster.pods().length]).toEqual([1, 1])
    await sandbox.destroy()
    expect([cluster.jobs().length, cluster.pods().length]).toEqual([0, 0])
  })
  test('ends by itself when nobody feeds it any more, as after the death of the executor', async () => {
    const { cluster, run } = await meddle((cluster) => cluster.cut('attach'))
    await expect(run).rejects.toThrow(EngineFault)
    await cluster.until((pods) => pods.length === 1 && pods.every(({ status }) => status.phase === 'Failed')) // nobody deleted it
  })
  test('of an earlier life of this executor is removed at its next start', async () => {
    const { cluster, sandbox } = await openIn()
    await bash(sandbox, 'true')
    const [left] = cluster.jobs()
    await engineOf(cluster) // as after a crash: the first one never closed
    expect(cluster.jobs().map(({ metadata }) => metadata.name)).not.toContain(left?.metadata.name)
  })
})

describe('no room', () => {
  test('a quota of Jobs is no fault and no verdict', async () => {
    const { cluster, sandbox } = await openIn()
    cluster.quota.jobs = 0
    await expect(bash(sandbox, 'true')).rejects.toThrow(/quota.*exceeded quota: sandboxes/)
    await expect(bash(sandbox, 'true')).rejects.toBeInstanceOf(NoRoom)
  })
  test('nor is one of pods, of which only an event tells', async () => {
    const { cluster, sandbox } = await openIn()
    cluster.quota.pods = 0
    await expect(bash(sandbox, 'true')).rejects.toBeInstanceOf(NoRoom)
    expect(cluster.jobs()).toEqual([])
    cluster.quota.pods = 1
    expect((await bash(sandbox, 'echo now')).stdout).toBe('now\n')
  })
  test('nor a cluster without a node that has room, once it has been waited for', async () => {
    const { cluster, sandbox } = await openIn({ config: { startSeconds: 2 } })
    cluster.hold()
    const run = bash(sandbox, 'true')
    await expect(run).rejects.toThrow('Insufficient memory')
    await expect(run).rejects.toBeInstanceOf(NoRoom)
    expect(cluster.jobs()).toEqual([])
  })
  test('a pod that comes late is waited for', async () => {
    const { cluster, sandbox } = await openIn()
    const release = cluster.hold()
    const run = bash(sandbox, 'echo late')
    await cluster.until((pods) => pods.length > 0)
    release()
    expect(await run).toMatchObject({ reason: 'exited', exitCode: 0, stdout: 'late\n' })
  })
  test('a run that is cancelled while its pod is on its way is cancelled, and the pod is not left', async () => {
    const { cluster, sandbox } = await openIn()
    cluster.hold()
    const stop = new AbortController()
    const spec: RunSpec = { command: ['/bin/true'], env: {}, stdin: new Uint8Array(), limits, show: [] }
    const run = sandbox.run(spec, () => {}, stop.signal)
    await cluster.until((pods) => pods.length > 0)
    stop.abort()
    expect(await run).toMatchObject({ reason: 'cancelled' })
    expect(cluster.pods()).toEqual([])
  })
})

describe('a fault of the platform, never a verdict', () => {
  test('an eviction, although the container looks as if its program had used up its memory', async () => {
    const { run } = await meddle((cluster, pod) => cluster.evict(pod))
    await expect(run).rejects.toThrow(/Evicted, The node was low on resource/)
    await expect(run).rejects.not.toBeInstanceOf(NoRoom)
  })
  test('a pod that is lost with its node', async () => {
    const { run } = await meddle((cluster, pod) => cluster.lose(pod))
    await expect(run).rejects.toThrow(EngineFault)
  })
  test('a connection that breaks', async () => {
    const { run } = await meddle((cluster) => cluster.cut('attach'))
    await expect(run).rejects.toThrow(EngineFault)
  })
  test('a program that the image does not have', async () => {
    const { sandbox } = await openIn()
    const run = bash(sandbox, 'true', { command: ['/usr/bin/cobol'] })
    await expect(run).rejects.toThrow('/usr/bin/cobol cannot be started inside')
    await expect(run).rejects.toBeInstanceOf(NotInImage) // so that its language is not offered
  })
  test.for([
    [
      'a further container',
      (pod: Kube) => pod.spec.containers.push({ ...pod.spec.containers[0], name: 'istio-proxy' }),
      'istio-proxy',
    ],
    ['a token', (pod: Kube) => delete pod.spec.automountServiceAccountToken, 'token'],
    ['no RuntimeClass', (pod: Kube) => delete pod.spec.runtimeClassName, 'no RuntimeClass'],
    ['a further volume', (pod: Kube) => pod.spec.volumes.push({ name: 'agent', configMap: { name: 'x' } }), 'agent'],
  ] as const)('a cluster that gives a pod %s', async ([, change, complaint]) => {
    const { cluster, sandbox } = await openIn({ config: { runtimeClass: 'gvisor' } })
    cluster.mutate(change)
    await expect(bash(sandbox, 'true')).rejects.toThrow(complaint)
    expect(cluster.pods()).toEqual([])
  })
})

describe('the end of a program', () => {
  test('is its own, whatever signals it sends to the program of ours that watches it', async () => {
    const { sandbox } = await openIn()
    const script = 'for s in $(seq 1 64); do kill -$s 1 2> /dev/null; done; kill -STOP 1; sleep 0.1; echo still; exit 5'
    expect(await bash(sandbox, script)).toMatchObject({ reason: 'exited', exitCode: 5, stdout: 'still\n' })
  })
  test('is told exactly over connections for watching and reading that break in between', async () => {
    const { run } = await meddle((cluster) => {
      cluster.cut('watch')
      cluster.cut('log')
    }, 'echo up; sleep 0.3; seq 1 5000; sleep 0.3; exit 7')
    const numbers = Array.from({ length: 5000 }, (_, index) => `${index + 1}\n`).join('')
    expect(await run).toMatchObject({ reason: 'exited', exitCode: 7, stdout: `up\n${numbers}` })
  })
  test.for(['kernel', 'cgroup-v2'] as const)('for want of memory is told, and there is a next run (%s)', async (counters) => {
    // Real cgroups of version 1 kill one process, and our keeper tells; those of version 2 the container, and the cluster tells.
    const { cluster, sandbox } = await openIn({ counters })
    const fat = 'echo before; x=$(head -c 300000000 /dev/zero | tr "\\0" x); echo after'
    expect(await bash(sandbox, fat)).toMatchObject({ reason: 'memory', exitCode: null, signal: 'SIGKILL', stdout: 'before\n' })
    expect(await bash(sandbox, 'echo again')).toMatchObject({ reason: 'exited', stdout: 'again\n' })
    expect(cluster.pods().length).toBe(1)
  })
  test.for(['cgroup-v1', 'none'] as const)('is measured where the container’s cgroup is %s', async (counters) => {
    const { engine, sandbox } = await openIn({ counters })
    expect(engine.mechanisms.cpuMs).toBe(counters === 'none' ? 'sampled' : counters)
    const busy = await bash(sandbox, 'for i in 1 2; do (while :; do :; done) & done; wait', { limits: { ...limits, cpuMs: 300 } })
    expect(busy).toMatchObject({ reason: 'cpu_time' })
  })
})
