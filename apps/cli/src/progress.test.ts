import { expect, test } from 'vitest'
import { type Counts, createProgress, progressText } from './progress.ts'

const counts = (finished: number, byVerdict = {}, byStatus = {}): Counts => ({
  total: 200,
  finished,
  byStatus,
  byVerdict: byVerdict as Counts['byVerdict'],
})
const sink = (isTTY: boolean) => {
  const written: string[] = []
  return { written, isTTY, columns: 40, write: async (chunk: Uint8Array | string) => void written.push(String(chunk)) }
}

test('counts by verdict and the time left are shown, our own failures among them', () => {
  expect(
    progressText(counts(50, { accepted: 48, wrong_answer: 1, time_limit: 0 }, { failed: 1, completed: 49 }), 10_000, false),
  ).toBe('50/200 · accepted 48 · wrong_answer 1 · failed 1 · 30.0 s left')
})

test('a terminal gets one line that is drawn over and never wraps', async () => {
  const terminal = sink(true)
  const progress = createProgress(terminal, () => 0)
  await progress.show(counts(100, { accepted: 100 }))
  await progress.end()
  expect(terminal.written[0]).toContain(`\r\u001b[2K[${'#'.repeat(12)}${'-'.repeat(12)}]`)
  expect(terminal.written[0]?.length).toBeLessThanOrEqual(40 + 4)
  expect(terminal.written[1]).toBe('\n')
})

test('a log gets a line every few seconds and one at the end', async () => {
  const log = sink(false)
  let now = 0
  const progress = createProgress(log, () => now)
  for (const [at, finished] of [
    [0, 1],
    [1000, 2],
    [4999, 3],
    [5000, 4],
    [5001, 200],
  ] as const) {
    now = at
    await progress.show(counts(finished))
  }
  expect(log.written.map((text) => text.split('/')[0])).toEqual(['1', '4', '200'])
})
