/** From a Job to a pod that waits for programs. Whatever keeps it from coming is told apart: no room, or a fault. */
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { EngineFault } from '../../engine.ts'
import { NoRoom } from '../../no-room.ts'
import { type Api, ApiRefusal } from './api.ts'
import { attach, type Input } from './attach.ts'
import type { Feed } from './feed.ts'
import { programText, sendTree } from './frames.ts'
import { jobOf, loadContainer, programContainer, type Station } from './job.ts'
import { followLog, type Log, type Word } from './log.ts'
import type { KubernetesSettings } from './settings.ts'
import { followStages, type Stages } from './stage.ts'
import type { Tree } from './tree.ts'

export type Cluster = { readonly api: Api; readonly feed: Feed; readonly settings: KubernetesSettings }
export type Started = { readonly stages: Stages; readonly input: Input; readonly log: Log }

const eventsPauseMs = 2000
const removeTries = 4
const removePauseMs = 250
const goneMs = 10_000

/** Leaves nothing behind when it rejects. `hear` gets what the keeper says from its first word on. */
export async function startPod(
  { api, feed, settings }: Cluster,
  station: Station,
  tree: Tree,
  hear: (word: Word) => void,
  signal: AbortSignal,
): Promise<Started> {
  const stages = followStages(feed, station.name, settings.runtimeClass)
  const late = AbortSignal.timeout(settings.startSeconds * 1000)
  const limit = AbortSignal.any([signal, late])
  const opened: { close(): void }[] = []
  try {
    await createJob(api, station, settings, limit)
    await pod({ api, settings, stages, station }, limit)
    const at = (what: string) => `/api/v1/namespaces/${settings.namespace}/pods/${stages.podName()}/${what}`
    const feedContainer = async (name: string) => {
      const input = await attach(api, at(`attach?container=${name}&stdin=true&stdout=false&stderr=false&tty=false`), limit)
      opened.push(input)
      return input
    }
    const loader = await feedContainer(loadContainer)
    await loader.send(programText('loader.pl'))
    await sendTree(loader, tree)
    await stages.until(['running'], limit)
    loader.close()
    const input = await feedContainer(programContainer)
    const isOver = () => stages.now()?.is !== 'running'
    const log = followLog(api, at(`log?container=${programContainer}&follow=true`), hear, isOver)
    opened.push(log)
    await input.send(programText('keeper.pl'))
    return { stages, input, log }
  } catch (cause) {
    for (const each of opened) each.close()
    const stage = stages.now()
    await removePod({ api, settings }, station.name, stages)
    if (signal.aborted || !late.aborted) throw cause
    if (stage?.is === 'coming' && stage.noRoom) throw new NoRoom(`The cluster has no room for a sandbox: ${stage.why}`, { cause })
    const why = stage === null ? 'no pod was made for it' : stage.is === 'coming' ? stage.why : stage.is
    throw new EngineFault(`A sandbox was not ready within ${settings.startSeconds} s: ${why}.`, { cause })
  }
}

async function createJob(api: Api, station: Station, settings: KubernetesSettings, signal: AbortSignal): Promise<void> {
  try {
    await api.call('POST', `/apis/batch/v1/namespaces/${settings.namespace}/jobs`, jobOf(station, settings), signal)
  } catch (cause) {
    if (cause instanceof ApiRefusal && isQuota(cause.message))
      throw new NoRoom(`A quota of the cluster is used up: ${cause.message}`)
    if (cause instanceof ApiRefusal && cause.status === 429) throw new NoRoom('The API of the cluster has too much to do.')
    throw cause
  }
}

/** Waits for the pod to take files. A quota may let the Job in and refuse its pod: only an event tells. */
async function pod(
  { api, settings, stages, station }: Pick<Cluster, 'api' | 'settings'> & { stages: Stages; station: Station },
  signal: AbortSignal,
): Promise<void> {
  const ready = stages.until(['loading'], signal)
  ready.catch(() => {}) // awaited below, perhaps only after a look at the events
  const stop = new AbortController()
  const watching = (async () => {
    while (!stop.signal.aborted) {
      await delay(eventsPauseMs, undefined, { signal: stop.signal }).catch(() => {})
      if (stop.signal.aborted || stages.now() !== null) continue
      const refusal = await whyNoPod(api, settings.namespace, station.name, signal)
      if (refusal !== null && isQuota(refusal)) throw new NoRoom(`A quota of the cluster is used up: ${refusal}`)
      if (refusal !== null) throw new EngineFault(`The cluster makes no pod for a sandbox: ${refusal}`)
    }
  })()
  watching.catch(() => {})
  try {
    await Promise.race([ready, watching])
  } finally {
    stop.abort()
  }
}

const events = z.object({ items: z.array(z.object({ message: z.string().default('') })) })

async function whyNoPod(api: Api, namespace: string, job: string, signal: AbortSignal): Promise<string | null> {
  const selector = encodeURIComponent(`involvedObject.kind=Job,involvedObject.name=${job},reason=FailedCreate`)
  const found = await api.call(
    'GET',
    `/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}&limit=10`,
    undefined,
    signal,
  )
  return events.parse(found).items.at(-1)?.message.slice(0, 500) ?? null
}

/** In these words since quotas exist; there is no code of its own for it. */
const isQuota = (message: string) => /exceeded quota/i.test(message)

/** Idempotent, and never rejects: a pod without its executor ends by itself, and the cluster removes what has ended. */
export async function removePod(
  { api, settings }: Pick<Cluster, 'api' | 'settings'>,
  name: string,
  stages: Stages,
): Promise<void> {
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', gracePeriodSeconds: 0 }
  for (let tries = 0; tries < removeTries; tries++) {
    try {
      await api.call('DELETE', `/apis/batch/v1/namespaces/${settings.namespace}/jobs/${name}`, options)
      break
    } catch (cause) {
      if (cause instanceof ApiRefusal && cause.status === 404) break
      await delay(removePauseMs * 2 ** tries)
    }
  }
  if (stages.now() !== null) await Promise.race([stages.gone, delay(goneMs, undefined, { ref: false })])
  stages.close()
}
