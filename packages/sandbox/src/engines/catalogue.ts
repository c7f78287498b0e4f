/** The engines that there are, one entry each. Who starts one, and whoever lists them, does it from here. */
import { setTimeout as delay } from 'node:timers/promises'
import type { EngineOptions, FoundEngine } from '../engine.ts'
import { Obstacle } from '../obstacle.ts'
import type { EngineName, EngineReport } from '../spec.ts'
import { dockerEntry } from './docker/entry.ts'
import type { EngineEntry } from './entry.ts'
import { gvisorEntry } from './gvisor/entry.ts'
import { kubernetesEntry } from './kubernetes/entry.ts'
import { namespacesEntry } from './namespaces/entry.ts'
import { ociEntry } from './oci/entry.ts'
import { processEntry } from './process/entry.ts'

const entries: { readonly [Name in EngineName]: EngineEntry & { readonly name: Name } } = {
  namespaces: namespacesEntry,
  oci: ociEntry,
  gvisor: gvisorEntry,
  docker: dockerEntry,
  kubernetes: kubernetesEntry,
  process: processEntry,
}
export const engines: readonly EngineEntry[] = Object.values(entries)

export const makeEngine = (name: EngineName, options: EngineOptions): Promise<FoundEngine> => entries[name].make(options)

const checkMs = 5_000
const graceMs = 1_000 // for a check that ends by itself when it is told to

/** What `doctor` says of each: also of those that nobody asked for, so that none is absent in silence. */
export async function reportEngines(options: EngineOptions): Promise<EngineReport[]> {
  return await Promise.all(
    engines.map(async (entry) => ({
      name: entry.name,
      isolation: entry.isolation,
      summary: entry.summary,
      obstacle: await obstacleOf(entry, options),
    })),
  )
}

async function obstacleOf(entry: EngineEntry, options: EngineOptions): Promise<EngineReport['obstacle']> {
  try {
    await Promise.race([entry.check(options, AbortSignal.timeout(checkMs)), tooLate()])
    return null
  } catch (cause) {
    if (cause instanceof Obstacle) return { reason: cause.reason, remedy: cause.remedy }
    return { reason: cause instanceof Error ? cause.message : String(cause), remedy: 'See the log of the executor.' }
  }
}

async function tooLate(): Promise<never> {
  await delay(checkMs + graceMs, undefined, { ref: false })
  throw new Obstacle('It did not answer in time.', 'See the log of the executor.')
}
