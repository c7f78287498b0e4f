/** One watch over all pods of this executor: lists, follows the changes, and lists again when the connection ends. */
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { EngineFault } from '../../engine.ts'
import { type Api, ApiRefusal } from './api.ts'
import { appName, labels } from './job.ts'
import { lines } from './lines.ts'
import { type Pod, pod } from './pod.ts'

/** `gone`: it was there, and is not any more. */
export type PodListener = (seen: Pod | 'gone') => void

export type Feed = {
  /** Hears of the pod of one sandbox, also of what is known already. Call what it returns to stop. */
  hear(sandbox: string, listener: PodListener): () => void
  /** Settles when the cluster has not let itself be watched for a minute. */
  readonly broken: Promise<EngineFault>
  close(): void
}

const list = z.object({ metadata: z.object({ resourceVersion: z.string() }), items: z.array(z.unknown()) })
const event = z.object({ type: z.string(), object: z.unknown() })
const watchSeconds = 60 // a connection that died in silence is noticed after that
const watchSlackMs = 10_000
const blindMs = 60_000
const [againMinMs, againMaxMs] = [200, 5000]
const eventBytesMax = 2 ** 20

export function watchPods(api: Api, namespace: string, owner: string): Feed {
  const listeners = new Map<string, PodListener>()
  const known = new Map<string, Pod>()
  const closing = new AbortController()
  const { promise: broken, resolve: giveUp } = Promise.withResolvers<EngineFault>()
  const selector = encodeURIComponent(`${labels.app}=${appName},${labels.owner}=${owner}`)
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`

  const sandboxOf = (seen: Pod) => seen.metadata.labels[labels.sandbox] ?? ''
  const saw = (seen: Pod) => {
    known.set(sandboxOf(seen), seen)
    listeners.get(sandboxOf(seen))?.(seen)
  }
  const lost = (sandbox: string) => {
    if (known.delete(sandbox)) listeners.get(sandbox)?.('gone')
  }

  const once = async () => {
    const found = list.parse(await api.call('GET', path, undefined, closing.signal))
    const pods = found.items.map((item) => pod.parse(item))
    const present = new Set(pods.map(sandboxOf))
    for (const seen of pods) saw(seen)
    for (const sandbox of [...known.keys()]) if (!present.has(sandbox)) lost(sandbox)
    lastSeenAt = performance.now()
    const late = AbortSignal.any([closing.signal, AbortSignal.timeout(watchSeconds * 1000 + watchSlackMs)])
    const version = encodeURIComponent(found.metadata.resourceVersion)
    const answer = await api.follow(`${path}&watch=true&timeoutSeconds=${watchSeconds}&resourceVersion=${version}`, late)
    for await (const line of lines(answer, eventBytesMax)) {
      const { type, object } = event.parse(JSON.parse(line))
      if (type === 'ERROR') return // the version is too old: list anew
      if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') continue
      const seen = pod.parse(object)
      if (type === 'DELETED') lost(sandboxOf(seen))
      else saw(seen)
    }
  }
  let lastSeenAt = performance.now()
  const forever = async () => {
    let pauseMs = againMinMs
    while (!closing.signal.aborted) {
      try {
        await once()
        pauseMs = againMinMs
      } catch (cause) {
        if (closing.signal.aborted) return
        const refused = cause instanceof ApiRefusal && (cause.status === 401 || cause.status === 403)
        if (refused || performance.now() - lastSeenAt > blindMs) {
          const why = cause instanceof Error ? cause.message : String(cause)
          giveUp(new EngineFault(`The pods of the cluster cannot be watched any more: ${why}`, { cause }))
        }
        await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => {})
        pauseMs = Math.min(againMaxMs, pauseMs * 2)
      }
    }
  }
  void forever()

  return {
    hear(sandbox, listener) {
      listeners.set(sandbox, listener)
      const seen = known.get(sandbox)
      if (seen) listener(seen)
      return () => {
        listeners.delete(sandbox)
        known.delete(sandbox)
      }
    },
    broken,
    close: () => closing.abort(),
  }
}
