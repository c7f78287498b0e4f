/**
 * Sandboxes as Jobs of a Kubernetes cluster. One Job is one pod is one sandbox; its isolation is what the cluster's
 * RuntimeClass gives. The executor needs no rights on any node, and few in one namespace.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { EngineFault, type EngineOptions, type FoundEngine, type Sandbox } from '../../engine.ts'
import { Obstacle } from '../../obstacle.ts'
import type { Finding } from '../../supervision/finding.ts'
import { type Api, ApiRefusal, connectApi } from './api.ts'
import { cannotOf } from './cannot.ts'
import { watchPods } from './feed.ts'
import { requirePolicy } from './policy.ts'
import { openSandbox } from './sandbox.ts'
import { selfTest } from './self-test.ts'
import { type KubernetesSettings, readSettings } from './settings.ts'
import type { Hello } from './station.ts'
import { sweepJobs } from './sweep.ts'

/** A pod with a user namespace has no more than 65,536 users, and each pod has its own: the same number is another user. */
const userInNamespace = 65_532
const version = z.object({ gitVersion: z.string() })

export async function kubernetesEngine(options: EngineOptions): Promise<FoundEngine> {
  const settings = readSettings(options.settings)
  const api = connect(settings)
  const owner = createHash('sha256')
    .update(`${hostname()}:${resolve(options.stateDir)}`)
    .digest('hex')
    .slice(0, 16)
  const gitVersion = await reach(api, settings).catch((cause: unknown) => {
    api.close()
    throw cause
  })
  await sweepJobs(api, settings.namespace, owner).catch((cause: unknown) => {
    api.close()
    throw explain(cause, settings)
  })
  const feed = watchPods(api, settings.namespace, owner)
  const open = new Set<Sandbox>()
  const users = new Set<number>()
  let hello: Hello | null = null
  let closed = false

  const identity = () => {
    const name = `crucible-${randomBytes(8).toString('hex')}`
    if (settings.userNamespaces) return { name, user: userInNamespace }
    let user = 0
    do user = settings.users.first + randomInt(settings.users.count)
    while (users.has(user) && users.size < settings.users.count)
    users.add(user)
    return { name, user }
  }
  const openOne = (diskBytes: number): Sandbox => {
    if (closed) throw new EngineFault('The engine is closing.')
    if (open.size >= options.slots) throw new EngineFault(`All ${options.slots} sandboxes are open.`)
    const mine: number[] = []
    const sandbox = openSandbox({
      cluster: { api, feed, settings },
      owner,
      diskBytes,
      identity() {
        const taken = identity()
        mine.push(taken.user)
        return taken
      },
      onHello(heard) {
        hello = heard
      },
      onDestroyed() {
        open.delete(sandbox)
        for (const user of mine) users.delete(user)
      },
    })
    open.add(sandbox)
    return sandbox
  }
  const close = async () => {
    closed = true
    await Promise.all([...open].map((sandbox) => sandbox.destroy()))
    feed.close()
    api.close()
  }

  try {
    const heard = await prove(openOne, () => hello, settings)
    const counted = heard.counters === 'none' ? null : heard.counters
    return {
      name: 'kubernetes',
      version: gitVersion,
      isolation: settings.isolation,
      mechanisms: {
        wallMs: 'supervisor',
        cpuMs: counted ?? 'sampled',
        memoryBytes: counted ?? 'runtime',
        processes: 'rlimit',
        outputBytes: 'supervisor',
        diskBytes: 'tmpfs',
      },
      cannot: cannotOf(settings),
      slots: options.slots,
      findings: findingsOf(settings, heard),
      broken: feed.broken,
      async open({ diskBytes }) {
        return openOne(diskBytes)
      },
      close,
    }
  } catch (cause) {
    await close()
    throw explain(cause, settings)
  }
}

/** Whether the cluster can be reached at all, with these settings. */
export async function checkCluster(options: EngineOptions, signal: AbortSignal): Promise<void> {
  const settings = readSettings(options.settings)
  const api = connect(settings)
  try {
    await reach(api, settings, signal)
  } finally {
    api.close()
  }
}

function connect(settings: KubernetesSettings): Api {
  try {
    return connectApi(settings)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Obstacle(`The cluster's certificate or token cannot be read: ${why}.`, 'Name files that are there.', { cause })
  }
}

async function reach(api: Api, settings: KubernetesSettings, signal?: AbortSignal): Promise<string> {
  try {
    const { gitVersion } = version.parse(await api.call('GET', '/version', undefined, signal))
    await requirePolicy(api, settings.namespace, signal)
    return gitVersion
  } catch (cause) {
    throw explain(cause, settings)
  }
}

async function prove(
  openOne: (diskBytes: number) => Sandbox,
  hello: () => Hello | null,
  settings: KubernetesSettings,
): Promise<Hello> {
  const sandbox = openOne(4 * 2 ** 20)
  const heard = () => {
    const said = hello()
    if (said === null) throw new EngineFault('No sandbox has introduced itself.')
    return said
  }
  try {
    const limitMs = 3 * settings.startSeconds * 1000
    await selfTest(sandbox, () => heard().architecture, AbortSignal.timeout(limitMs))
    return heard()
  } finally {
    await sandbox.destroy()
  }
}

function explain(cause: unknown, { server, namespace }: KubernetesSettings): unknown {
  if (cause instanceof Obstacle || !(cause instanceof EngineFault)) return cause
  if (cause instanceof ApiRefusal && (cause.status === 401 || cause.status === 403)) {
    const remedy = `Give its service account the role of docs/guides/kubernetes-engine.md in the namespace ${namespace} with "kubectl apply".`
    return new Obstacle(cause.message, remedy, { cause })
  }
  return new Obstacle(
    `The cluster at ${server} cannot be used: ${cause.message}`,
    'Check the address, the certificate and the namespace.',
    { cause },
  )
}

function findingsOf(settings: KubernetesSettings, hello: Hello): Finding[] {
  return [
    {
      level: 'ok',
      text: 'The kubernetes engine attacked its own sandbox when it started, and nothing got out.',
      remedy: null,
    },
    settings.runtimeClass === null
      ? {
          level: 'warning',
          text: 'Sandboxes share the kernel of the nodes: a bug in that kernel would be a way out.',
          remedy: 'For hostile code set "runtimeClass" to one of gVisor or Kata, and "isolation" to "kernel-private".',
        }
      : { level: 'ok', text: `Sandboxes run under the RuntimeClass ${settings.runtimeClass}.`, remedy: null },
    ...(hello.network === 'closed'
      ? []
      : [
          {
            level: 'warning',
            text: 'Pods were not told where the API of the cluster is, so nobody tried whether the network policy holds.',
            remedy: 'Reach for an address of the cluster from a pod with the label app.kubernetes.io/name=crucible-sandbox.',
          } as const,
        ]),
  ]
}
