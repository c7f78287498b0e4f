/** Follows one pod through its stages, and lets others wait for one of them. */
import { EngineFault } from '../../engine.ts'
import type { Feed } from './feed.ts'
import { changedBy, type Stage, stageOf } from './pod.ts'

export type Stages = {
  /** Null: no pod was seen yet. */
  now(): Stage | null
  /** The pod's name, which the cluster chose. */
  podName(): string
  /** Rejects with an EngineFault when the pod is lost first, and when the signal says that it takes too long. */
  until(wanted: readonly Stage['is'][], signal: AbortSignal): Promise<Stage>
  /** Resolves when the pod does not exist any more. */
  readonly gone: Promise<void>
  close(): void
}

export function followStages(feed: Feed, sandbox: string, runtimeClass: string | null): Stages {
  let stage: Stage | null = null
  let name = ''
  const waiting = new Set<() => void>()
  const { promise: gone, resolve: go } = Promise.withResolvers<void>()
  const stop = feed.hear(sandbox, (seen) => {
    if (seen === 'gone') {
      stage = { is: 'lost', why: 'its pod was deleted' }
      go()
    } else {
      name = seen.metadata.name
      const changed = changedBy(seen, runtimeClass)
      stage = changed === null ? stageOf(seen) : { is: 'lost', why: `the cluster changed its pod: ${changed}` }
    }
    for (const look of [...waiting]) look()
  })
  return {
    now: () => stage,
    podName: () => name,
    until: (wanted, signal) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          waiting.delete(look)
          signal.removeEventListener('abort', onAbort)
          act()
        }
        const look = () => {
          const seen = stage
          if (seen && wanted.includes(seen.is)) settle(() => resolve(seen))
          else if (seen?.is === 'lost') settle(() => reject(new EngineFault(`A sandbox ended: ${seen.why}.`)))
          else if (seen?.is === 'out_of_memory')
            settle(() => reject(new EngineFault('A sandbox ran out of memory before it was given a program.')))
        }
        const onAbort = () => settle(() => reject(new EngineFault('A sandbox was not ready in time.', { cause: signal.reason })))
        waiting.add(look)
        signal.addEventListener('abort', onAbort, { once: true })
        if (signal.aborted) onAbort()
        else look()
      }),
    gone,
    close: stop,
  }
}
