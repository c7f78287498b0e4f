/** What the executors can do, as they last said of themselves. Kept in the database, so the gateway needs no executor. */
import type { Limits, RuntimeList } from '@crucible/contracts'
import { type ExecutorStatus, executorStatus, limitNames, type RuntimeInfo } from '@crucible/sandbox/spec'
import { type Db, sql } from '../../platform/db/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { type Requirement, satisfies } from './requirement.ts'

/** A restarting executor is remembered this long: its runtimes stay on offer, and what is submitted meanwhile waits. */
const rememberedDays = 7
const presentSeconds = 30
const staleMs = 2_000 // read again, while what is known is used
const tooOldMs = 10_000 // not used any more

export type Reported = { readonly status: ExecutorStatus; readonly isPresent: boolean }
/** What some executors can do together. */
export type Offer = {
  readonly reported: readonly ExecutorStatus[]
  readonly runtimes: readonly RuntimeInfo[]
  /** Limits that none of them can enforce. */
  readonly unenforceable: ReadonlySet<keyof Limits>
}
export type Offers = {
  readonly all: Offer
  /** Of those alone that are enough. */
  enoughFor(required: Requirement): Offer
}
export type Catalogue = {
  reports(): Promise<readonly Reported[]>
  /** Throws `unavailable` as long as no executor has ever reported. */
  offers(): Promise<Offers>
}

type Known = { readonly readAtMs: number; readonly reports: readonly Reported[]; readonly offers: Offers }

export function createCatalogue(db: Pick<Db, 'anonymous'>, nowMs: () => number = () => performance.now()): Catalogue {
  let known: Known | null = null
  let reading: Promise<Known> | null = null
  const refresh = () => {
    reading ??= read(db)
      .then((reports) => {
        known = { readAtMs: nowMs(), reports, offers: offersOf(reports.map(({ status }) => status)) }
        return known
      })
      .finally(() => {
        reading = null
      })
    return reading
  }
  const current = async (): Promise<Known> => {
    // The first to report is seen at once.
    if (known === null || known.reports.length === 0) return refresh()
    const ageMs = nowMs() - known.readAtMs
    if (ageMs > tooOldMs) return refresh()
    if (ageMs > staleMs) refresh().catch(() => {}) // nobody waits for it; the next asks again
    return known
  }
  return {
    reports: async () => (await current()).reports,
    async offers() {
      const { reports, offers } = await current()
      if (reports.length === 0) throw refuse('unavailable', { detail: 'No executor has reported yet.', retryAfterSeconds: 2 })
      return offers
    },
  }
}

async function read(db: Pick<Db, 'anonymous'>): Promise<readonly Reported[]> {
  const { rows } = await db.anonymous((tx) =>
    sql<{ report: unknown; is_present: boolean }>`
      select report, seen_at > now() - make_interval(secs => ${presentSeconds}::int) as is_present
        from evaluations.executor
       where seen_at > now() - make_interval(days => ${rememberedDays}::int)
       order by name limit 1000`.execute(tx),
  )
  return rows.map((row) => ({ status: executorStatus.parse(row.report), isPresent: row.is_present }))
}

/** Called by the worker, who talks to the executors. */
export const remember = (db: Pick<Db, 'system'>, status: ExecutorStatus): Promise<unknown> =>
  db.system((tx) =>
    sql`
      insert into evaluations.executor (name, report) values (${status.name}, ${JSON.stringify(status)}::jsonb)
      on conflict (name) do update set report = excluded.report, seen_at = now()`.execute(tx),
  )

/** Worked out once for each requirement, and again with each reading of the reports; there are few requirements. */
export function offersOf(reported: readonly ExecutorStatus[]): Offers {
  const all = offerOf(reported)
  const known = new Map<string, Offer>()
  return {
    all,
    enoughFor(required) {
      const key = `${required.isolation} ${required.engines?.join(' ') ?? '*'}`
      const offer = known.get(key) ?? offerOf(reported.filter((status) => satisfies(status, required)))
      known.set(key, offer)
      return offer
    },
  }
}

const offerOf = (reported: readonly ExecutorStatus[]): Offer => ({
  reported,
  runtimes: runtimesOf(reported),
  unenforceable: new Set(
    limitNames.filter((name) => reported.every(({ mechanisms }) => (mechanisms[name] ?? 'none') === 'none')),
  ),
})

function runtimesOf(reported: readonly ExecutorStatus[]): RuntimeInfo[] {
  const byName = new Map(reported.flatMap(({ runtimes }) => runtimes).map((runtime) => [runtime.name, runtime]))
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

export function showCatalogue(reports: readonly Reported[]): RuntimeList {
  const runtimes = runtimesOf(reports.map(({ status }) => status))
  const offered = new Set(runtimes.map(({ language }) => language))
  const missing = new Map(reports.flatMap(({ status }) => status.unavailable).map((entry) => [entry.language, entry]))
  return {
    data: runtimes.map(({ name, language, version, title, toolVersion, aliases, extension, entry, compiled, harness }) => ({
      ...{ name, language, version, title, toolVersion, aliases, extension, entry },
      isCompiled: compiled,
      hasHarness: harness,
    })),
    unavailable: [...missing.values()].filter(({ language }) => !offered.has(language)),
    executors: reports
      .filter(({ isPresent }) => isPresent)
      .map(({ status: { name, engine, engineVersion, isolation, mechanisms, slots, busy, findings, cannot, engines } }) => ({
        ...{ name, engine, engineVersion, isolation, mechanisms, slots, busy, findings, cannot, engines },
      })),
  }
}
