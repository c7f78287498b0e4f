import { type AttackResult, type ControlResult, type Family, families, type Started } from './events.ts'

export type Counts = { readonly stopped: number; readonly escaped: number; readonly skipped: number }

/** What `--json` writes. `version` grows when a field changes its meaning. */
export type AttackReport = {
  readonly version: 1
  readonly startedAt: string
  readonly finishedAt: string
  /** `incomplete`: nothing got out, and something that should have been tried was not, or could not have been seen. */
  readonly outcome: 'stopped' | 'escaped' | 'incomplete'
  readonly counts: Counts
  readonly families: readonly ({ readonly family: Family } & Counts)[]
  readonly engine: Started['engine']
  readonly machine: Started['machine']
  readonly runtimes: readonly string[]
  readonly unavailable: Started['unavailable']
  readonly results: readonly AttackResult[]
  readonly controls: readonly ControlResult[] | null // null: not asked for
}

type Given = Pick<AttackReport, 'startedAt' | 'finishedAt' | 'results' | 'controls'> & {
  readonly started: Started
  readonly maySkip: boolean
}

export function reportOf({ started, results, controls, maySkip, ...times }: Given): AttackReport {
  const order = (result: { readonly family: Family }) => families.indexOf(result.family)
  const sorted = results.toSorted((a, b) => order(a) - order(b) || a.id.localeCompare(b.id))
  const counts = count(results)
  const isBlind = controls?.some(({ outcome }) => outcome === 'blind') ?? false
  const { engine, machine, runtimes, unavailable } = started
  const isIncomplete = isBlind || (counts.skipped > 0 && !maySkip) || results.length < started.attacks
  return {
    version: 1,
    ...times,
    outcome: counts.escaped > 0 ? 'escaped' : isIncomplete ? 'incomplete' : 'stopped',
    counts,
    families: families.flatMap((family) => {
      const own = results.filter((each) => each.family === family)
      return own.length === 0 ? [] : [{ family, ...count(own) }]
    }),
    engine,
    machine,
    runtimes,
    unavailable,
    results: sorted,
    controls: controls?.toSorted((a, b) => order(a) - order(b) || a.id.localeCompare(b.id)) ?? null,
  }
}

function count(results: readonly AttackResult[]): Counts {
  const of = (outcome: AttackResult['outcome']) => results.filter((each) => each.outcome === outcome).length
  return { stopped: of('stopped'), escaped: of('escaped'), skipped: of('skipped') }
}

/** The report in one line. */
export function verdictOf({ outcome, counts, engine, results, controls }: AttackReport): string {
  const blind = controls?.filter((each) => each.outcome === 'blind').length ?? 0
  if (outcome === 'escaped')
    return `ESCAPED: ${counts.escaped} of ${results.length} attacks were not stopped by ${engine.name}. Run nothing hostile with it on this machine.`
  const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
  if (outcome === 'stopped')
    return `Stopped: ${counts.stopped} of ${results.length} attacks on ${engine.name}${skipped}, and none got out.`
  const why = [
    ...(counts.skipped > 0 ? [`${counts.skipped} were skipped`] : []),
    ...(blind > 0 ? [`${blind} controls were blind`] : []),
  ]
  return `Incomplete: nothing got out of ${engine.name}, but ${why.join(' and ') || 'not all were tried'}, so nothing is proved there.`
}
