import { plain } from '../control-sequences.ts'
import { table } from '../table.ts'
import { formatDuration } from '../units.ts'
import type { Listed, Started } from './events.ts'
import { type AttackReport, verdictOf } from './report.ts'

export const heading = ({ engine, machine, attacks, slots }: Started): string =>
  plain(
    `Attacking ${engine.name} (${engine.version}, isolation ${engine.isolation}) on this machine, ${machine.asRoot ? 'as root' : 'as an ordinary user'}: ${attacks} programs, ${slots} at a time.`,
  )

export const listText = (listed: readonly Listed[]): string =>
  table(
    ['ATTACK', 'LANGUAGE', 'WHAT IT TRIES', 'CONTROL'],
    listed.map(({ id, language, tries, control }) => [id, language, tries, control]),
  )

/** Counts, then whatever was not stopped, then the verdict. */
export function reportText(report: AttackReport): string {
  const { results, controls } = report
  const rows = report.families.map(({ family, stopped, escaped, skipped }) => [
    family,
    ...[stopped, escaped, skipped].map(String),
  ])
  const { stopped, escaped, skipped } = report.counts
  const block = (word: string, { id, detail }: { id: string; detail: string }, tries?: string) => [
    plain(`${word}  ${id}${tries === undefined ? '' : `: ${tries}`}`),
    plain(`         ${detail}`),
  ]
  const controlLines = (controls ?? []).flatMap((each) => (each.outcome === 'blind' ? block('BLIND  ', each) : []))
  const counted = (outcome: 'seen' | 'blind' | 'skipped') => (controls ?? []).filter((each) => each.outcome === outcome).length
  const took = formatDuration(Date.parse(report.finishedAt) - Date.parse(report.startedAt))
  return [
    table(['FAMILY', 'STOPPED', 'ESCAPED', 'SKIPPED'], [...rows, ['all', ...[stopped, escaped, skipped].map(String)]]),
    '',
    ...results.flatMap((each) => (each.outcome === 'escaped' ? block('ESCAPED', each, each.tries) : [])),
    ...results.flatMap((each) => (each.outcome === 'skipped' ? block('SKIPPED', each, each.tries) : [])),
    ...controlLines,
    ...(controls === null
      ? []
      : [
          `Controls: ${counted('seen')} attacks were seen to succeed where nothing stops them, ${counted('blind')} were not, ${counted('skipped')} have none here.`,
        ]),
    plain(`${verdictOf(report)} (${took})`),
  ].join('\n')
}
