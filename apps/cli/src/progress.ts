import type { Batch } from '@crucible/contracts'
import type { Sink } from './terminal.ts'
import { formatDuration } from './units.ts'

export type Counts = Pick<Batch, 'total' | 'finished' | 'byStatus' | 'byVerdict'>
export type Progress = { readonly show: (counts: Counts) => Promise<void>; readonly end: () => Promise<void> }

const linePauseMs = 5_000
const barWidth = 24

/** A bar that is redrawn on a terminal; elsewhere a line every few seconds, so that a log stays readable. */
export function createProgress(sink: Sink, now: () => number): Progress {
  const startedAt = now()
  let lineAt = Number.NEGATIVE_INFINITY
  let isDrawn = false
  return {
    show: async (counts) => {
      const text = progressText(counts, now() - startedAt, sink.isTTY)
      if (sink.isTTY) {
        isDrawn = true
        // Cut to the width: a line that wraps could not be drawn over.
        await sink.write(`\r\u001b[2K${text.slice(0, sink.columns - 1)}`)
      } else if (counts.finished === counts.total || now() - lineAt >= linePauseMs) {
        lineAt = now()
        await sink.write(`${text}\n`)
      }
    },
    end: async () => {
      if (isDrawn) await sink.write('\n')
    },
  }
}

export function progressText(counts: Counts, elapsedMs: number, hasBar: boolean): string {
  const { total, finished } = counts
  const share = total === 0 ? 1 : finished / total
  const filled = Math.round(share * barWidth)
  const bar = hasBar ? `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] ` : ''
  const platform = ['failed', 'cancelled'].map((name) => [name, counts.byStatus[name] ?? 0] as const)
  const parts = [...Object.entries(counts.byVerdict), ...platform]
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
  return [`${bar}${finished}/${total}`, ...parts, timeOf(share, elapsedMs)].join(' · ')
}

/** Linear from what is done: good enough to decide about a coffee. */
function timeOf(share: number, elapsedMs: number): string {
  if (share >= 1) return formatDuration(elapsedMs)
  if (share === 0) return 'waiting for the first'
  return `${formatDuration((elapsedMs / share) * (1 - share))} left`
}
