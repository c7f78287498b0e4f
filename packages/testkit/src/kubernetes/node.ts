/** A node of the cluster: takes pods, runs their containers one after the other, keeps their logs, and may lose them. */
import type { Duplex } from 'node:stream'
import type { Kube, Objects } from './objects.ts'
import { type Image, openPod, type PodOptions, type PodSandbox, type RunningContainer } from './pod-sandbox.ts'
import { Refusal } from './refusal.ts'

export type LogListener = { take(chunk: Buffer): void; end(): void }
export type ClusterNode = {
  run(pod: Kube): void
  kill(pod: Kube): Promise<void>
  /** Ends a pod as a node that needs its room does. */
  evict(name: string, message: string): Promise<void>
  /** Standard input of a running container, once. */
  attach(pod: string, container: string): Duplex
  log(pod: string, container: string): { written: readonly Buffer[]; follow(listener: LogListener): void }
  close(): Promise<void>
}
export type NodeDeps = {
  readonly objects: Objects
  readonly images: Readonly<Record<string, Image>>
  readonly counters: PodOptions['counters']
  readonly env: () => Readonly<Record<string, string>>
  isIsolated(pod: Kube): boolean
  /** Resolves when the pod may start. */
  admit(pod: Kube): Promise<void>
  ended(pod: Kube): void
}

type Kept = { written: Buffer[]; listeners: Set<LogListener>; over: boolean; running: RunningContainer | null; fed: boolean }
type Held = { readonly pod: Kube; sandbox: PodSandbox | null; readonly containers: Map<string, Kept>; done: boolean }

export function clusterNode(deps: NodeDeps): ClusterNode {
  const { objects } = deps
  const held = new Map<string, Held>()

  const statusOf = (name: string, state: object) => ({ name, state, ready: false, restartCount: 0, image: '', imageID: '' })
  const setState = (one: Held, list: 'initContainerStatuses' | 'containerStatuses', name: string, state: object) => {
    if (one.done) return
    const { status } = one.pod
    status[list] = [...(status[list] ?? []).filter((each: { name: string }) => each.name !== name), statusOf(name, state)]
    objects.touch('pods', one.pod)
  }
  const finish = (one: Held, phase: string, more: object = {}) => {
    if (one.done) return
    one.done = true
    Object.assign(one.pod.status, { phase, ...more })
    objects.touch('pods', one.pod)
    deps.ended(one.pod)
  }

  const runContainer = async (one: Held, list: 'initContainerStatuses' | 'containerStatuses', name: string): Promise<number> => {
    if (one.sandbox === null) return 137
    const running = one.sandbox.start(name)
    const kept: Kept = { written: [], listeners: new Set(), over: false, running, fed: false }
    one.containers.set(name, kept)
    running.log.on('data', (chunk: Buffer) => {
      kept.written.push(chunk)
      for (const listener of kept.listeners) listener.take(chunk)
    })
    const logged = new Promise<void>((resolve) => running.log.once('close', () => resolve()))
    running.log.once('end', () => running.log.destroy())
    setState(one, list, name, { running: { startedAt: new Date().toISOString() } })
    const end = await running.ended
    await logged
    kept.over = true
    kept.running = null
    for (const listener of kept.listeners) listener.end()
    setState(one, list, name, { terminated: { exitCode: end.exitCode, reason: end.reason } })
    return end.exitCode
  }

  const runPod = async (one: Held) => {
    const { pod } = one
    await deps.admit(pod)
    if (one.done) return
    const image = [...pod.spec.initContainers, ...pod.spec.containers].find((each) => deps.images[each.image] === undefined)
    if (image) {
      const list = pod.spec.initContainers.includes(image) ? 'initContainerStatuses' : 'containerStatuses'
      setState(one, list, image.name, { waiting: { reason: 'ErrImagePull', message: `no such image ${image.image}` } })
      return
    }
    pod.status.conditions = [{ type: 'PodScheduled', status: 'True' }]
    one.sandbox = openPod({
      pod,
      images: deps.images,
      isolated: deps.isIsolated(pod),
      env: deps.env(),
      counters: deps.counters,
    })
    for (const { name } of pod.spec.containers)
      setState(one, 'containerStatuses', name, { waiting: { reason: 'PodInitializing' } })
    for (const { name } of pod.spec.initContainers ?? []) {
      if ((await runContainer(one, 'initContainerStatuses', name)) !== 0) return finish(one, 'Failed')
    }
    pod.status.phase = 'Running'
    const codes = await Promise.all(
      pod.spec.containers.map(({ name }: { name: string }) => runContainer(one, 'containerStatuses', name)),
    )
    finish(one, codes.every((code) => code === 0) ? 'Succeeded' : 'Failed')
  }

  const stop = async (one: Held) => {
    one.done = true
    await one.sandbox?.destroy()
    one.sandbox = null
    held.delete(one.pod.metadata.name)
  }
  const need = (name: string, container: string): Kept => {
    const kept = held.get(name)?.containers.get(container)
    if (kept) return kept
    throw new Refusal(400, 'BadRequest', `container "${container}" in pod "${name}" is waiting to start: PodInitializing`)
  }

  return {
    run(pod) {
      const one: Held = { pod, sandbox: null, containers: new Map(), done: false }
      held.set(pod.metadata.name, one)
      void runPod(one)
    },
    async kill(pod) {
      const one = held.get(pod.metadata.name)
      if (one) await stop(one)
    },
    async evict(name, message) {
      const one = held.get(name)
      if (!one) throw new Error(`there is no pod ${name}`)
      // As a kubelet does it: containers are killed, and look as if they had failed, while the pod says why.
      const ended = [...one.containers].filter(([, kept]) => kept.running)
      one.pod.status.containerStatuses = ended.map(([container]) =>
        statusOf(container, { terminated: { exitCode: 137, reason: 'OOMKilled' } }),
      )
      finish(one, 'Failed', { reason: 'Evicted', message })
      await one.sandbox?.destroy()
      one.sandbox = null
    },
    attach(name, container) {
      const kept = need(name, container)
      if (!kept.running) throw new Refusal(400, 'BadRequest', `container ${container} is not running`)
      if (kept.fed) throw new Refusal(400, 'BadRequest', `container ${container} has had its input`)
      kept.fed = true
      return kept.running.stdin
    },
    log(name, container) {
      const kept = need(name, container)
      return {
        written: kept.written,
        follow(listener) {
          if (kept.over) listener.end()
          else kept.listeners.add(listener)
        },
      }
    },
    async close() {
      await Promise.all([...held.values()].map(stop))
    },
  }
}
