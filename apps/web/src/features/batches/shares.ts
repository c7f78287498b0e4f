import { type Batch, liveStatuses, terminalStatuses, verdicts } from '@crucible/contracts'
import { statusWords, type Tone, verdictWords } from '../../ui/words.ts'

export type Share = { readonly key: string; readonly word: string; readonly tone: Tone; readonly count: number }

/** What is behind comes first, so that the bar fills from left to right. */
export const statusShares = (batch: Batch): Share[] =>
  [...terminalStatuses, ...liveStatuses.toReversed()]
    .map((status) => ({ key: status, ...statusWords[status], count: batch.byStatus[status] ?? 0 }))
    .filter(({ count }) => count > 0)

/** What has no verdict takes the rest of the bar, so that its length always means the whole batch. */
export function verdictShares(batch: Batch): Share[] {
  const shares: Share[] = verdicts.map((verdict) => ({
    key: verdict,
    ...verdictWords[verdict],
    count: batch.byVerdict[verdict] ?? 0,
  }))
  const judged = shares.reduce((sum, { count }) => sum + count, 0)
  return [...shares, { key: 'none', word: 'No verdict', tone: 'quiet' as const, count: batch.total - judged }].filter(
    ({ count }) => count > 0,
  )
}
