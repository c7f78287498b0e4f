/**
 * A Kubernetes cluster in this process, as far as an executor sees one: an API server that checks what it is given against the
 * published schemas, its own roles, quotas and the restricted Pod Security Standard; Jobs that become pods; and a node that
 * really runs their containers. A test can make it short of room, slow, forgetful or hostile.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Access, Rule } from './access.ts'
import type { Quota } from './admission.ts'
import { jobController, type KubeEvent } from './controller.ts'
import { clusterNode } from './node.ts'
import { type Kube, keepObjects, matches } from './objects.ts'
import type { Image, PodOptions } from './pod-sandbox.ts'
import { requireValid } from './schema.ts'
import { apiServer } from './server.ts'

export type { Rule } from './access.ts'
export type { Kube } from './objects.ts'
export { requireValid } from './schema.ts'

export type ClusterOptions = {
  readonly namespace: string
  readonly token: string
  readonly rules: readonly Rule[]
  readonly networkPolicies: readonly object[]
  readonly images: Readonly<Record<string, Image>>
  readonly tls?: { readonly key: string; readonly cert: string }
  /** False: a network plugin that stores policies and ignores them. */
  readonly enforcesPolicies?: boolean
  /** What bounds a container, and what it can read of its own cgroup: not every runtime shows it. */
  readonly counters?: PodOptions['counters']
}

export type TestCluster = {
  readonly server: string
  /** Every request that was made, by what it asked for. */
  readonly seen: Access[]
  readonly quota: Quota
  jobs(): Kube[]
  pods(): Kube[]
  /** No pod starts until the returned function is called; meanwhile none has room. */
  hold(): () => void
  /** Every pod from now on is changed by this before it exists. */
  mutate(change: (pod: Kube) => void): void
  /** Resolves when this holds of the pods; asked again whenever one of them changes. */
  until(holds: (pods: readonly Kube[]) => boolean): Promise<void>
  evict(pod: string): Promise<void>
  /** Takes a pod away as when its node is gone for good. */
  lose(pod: string): Promise<void>
  /** Cuts all connections of a kind. */
  cut(kind: 'watch' | 'log' | 'attach'): void
  close(): Promise<void>
}

export async function startCluster(options: ClusterOptions): Promise<TestCluster> {
  const objects = keepObjects(options.namespace)
  const quota: Quota = {}
  const events: KubeEvent[] = []
  const seen: Access[] = []
  const open = new Map<'watch' | 'log' | 'attach', Set<Duplex>>()
  let mutate: (pod: Kube) => void = () => {}
  let held: Promise<void> | null = null
  let port = 0

  const node = clusterNode({
    objects,
    images: options.images,
    counters: options.counters ?? 'kernel',
    env: () => ({ PATH: '/usr/bin:/bin', KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) }),
    isIsolated: (pod) =>
      options.enforcesPolicies !== false && objects.all('networkpolicies').some((policy) => shuts(policy, pod)),
    async admit(pod) {
      if (held === null) return
      pod.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/1 nodes are available: 1 Insufficient memory.',
        },
      ]
      objects.touch('pods', pod)
      await held
    },
    ended: (pod) => controller.ended(pod),
  })
  const controller = jobController({ objects, quota, events, mutate: (pod) => mutate(pod), run: node.run, kill: node.kill })
  for (const policy of options.networkPolicies) {
    requireValid(policy)
    objects.create('networkpolicies', structuredClone(policy) as Kube) // just checked
  }
  const { namespace, token, rules, tls = null } = options
  const server = apiServer({ namespace, token, rules, tls, objects, node, controller, quota, events, seen, open })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port // it listens on TCP

  return {
    server: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    seen,
    quota,
    jobs: () => objects.all('jobs'),
    pods: () => objects.all('pods'),
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return () => {
        held = null
        resolve()
      }
    },
    mutate(change) {
      mutate = change
    },
    until: (holds) =>
      new Promise((resolve) => {
        const look = () => {
          if (!holds(objects.all('pods'))) return
          stop()
          resolve()
        }
        const stop = objects.watch('pods', look)
        look()
      }),
    evict: (pod) => node.evict(pod, 'The node was low on resource: memory.'),
    async lose(name) {
      const pod = objects.remove('pods', name)
      if (pod) await node.kill(pod)
    },
    cut(kind) {
      for (const socket of open.get(kind) ?? []) socket.destroy()
    },
    async close() {
      controller.close()
      await node.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Whether a policy leaves this pod no connection at all. */
function shuts({ spec }: Kube, pod: Kube): boolean {
  const selector = Object.entries(spec.podSelector.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`)
  const types: string[] = spec.policyTypes ?? []
  const shut = (kind: 'Ingress' | 'Egress', rules: unknown[] | undefined) => types.includes(kind) && (rules ?? []).length === 0
  return matches(selector.join(','), pod.metadata.labels) && shut('Ingress', spec.ingress) && shut('Egress', spec.egress)
}
