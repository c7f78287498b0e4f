import type { Evaluation, RunResult } from '@crucible/contracts'
import { plain } from './control-sequences.ts'
import { formatDuration, formatSize } from './units.ts'

/** One line about a finished evaluation: what it earned, why, what it used, where to look. */
export function summaryOf(evaluation: Evaluation): string {
  const { status, verdict, result, failure, tests } = evaluation
  const parts = [status === 'completed' && verdict !== null ? verdict.replaceAll('_', ' ') : `${status}, no verdict`]
  if (failure !== null) parts.push(`the platform could not: ${failure.code.replaceAll('_', ' ')} (${failure.detail})`)
  if (result !== null) parts.push(...fateOf(result))
  if (tests.total > 0 && tests.passed !== null) parts.push(`${tests.passed} of ${tests.total} tests`)
  parts.push(evaluation.runtime)
  if (evaluation.isIsolated === false) parts.push('NOT ISOLATED')
  return plain([...parts, evaluation.id].join(' · '))
}

function fateOf(result: RunResult): string[] {
  const { usage, cut } = result
  const ended = result.signal !== null ? result.signal : result.exitCode !== null ? `exit ${result.exitCode}` : undefined
  const reason = ['exited', 'signalled'].includes(result.reason) ? undefined : `ended by ${result.reason.replaceAll('_', ' ')}`
  const omitted = (cut.stdout?.omittedBytes ?? 0) + (cut.stderr?.omittedBytes ?? 0)
  return [
    reason,
    ended,
    formatDuration(usage.wallMs),
    usage.memoryPeakBytes === null ? undefined : formatSize(usage.memoryPeakBytes),
    omitted === 0 ? undefined : `${formatSize(omitted)} of output left out`,
  ].filter((part) => part !== undefined)
}
