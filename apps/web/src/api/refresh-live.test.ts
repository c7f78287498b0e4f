import type { Evaluation } from '@crucible/contracts'
import { expect, test } from 'vitest'
import { delayAfter, type EvaluationPages, hasChanged, pagesPerRound, pagesToRefresh, withFresh } from './refresh-live.ts'

// Only what these functions read; the rest of an evaluation is of no concern to them.
const row = (id: string, status: Evaluation['status']) => ({ id, status }) as Evaluation
const pagesOf = (...pages: Evaluation[][]): EvaluationPages => ({
  pages: pages.map((data) => ({ data, page: { nextCursor: null, hasMore: false } })),
  pageParams: pages.map((_, index) => (index === 0 ? undefined : `cursor ${index}`)),
})

test('only pages that show something moving are asked for, and never more than the round allows', () => {
  const done = [row('evl_1', 'completed')]
  const moving = [row('evl_2', 'completed'), row('evl_3', 'running')]
  expect(pagesToRefresh(pagesOf(done, done))).toEqual([])
  expect(pagesToRefresh(pagesOf(done, moving))).toEqual([1])
  expect(pagesToRefresh(pagesOf(...Array.from({ length: 50 }, () => moving)))).toHaveLength(pagesPerRound)
})

test('fresh rows take the place of old ones; none comes, goes or moves', () => {
  const before = pagesOf([row('evl_1', 'queued'), row('evl_2', 'running')])
  const after = withFresh(before, [row('evl_9', 'queued'), row('evl_2', 'completed')])
  expect(after.pages[0]?.data.map(({ id, status }) => `${id} ${status}`)).toEqual(['evl_1 queued', 'evl_2 completed'])
})

test('while nothing changes the rounds grow apart to a bound; a change brings them together', () => {
  let delayMs = delayAfter(0, false)
  for (let round = 0; round < 20; round++) delayMs = delayAfter(delayMs, false)
  expect(delayMs).toBe(15_000)
  expect(delayAfter(delayMs, true)).toBe(2_000)
})

test('a row that nobody sees is no change', () => {
  const shown = pagesOf([row('evl_1', 'queued')])
  expect(hasChanged(shown, [row('evl_9', 'running'), row('evl_1', 'queued')])).toBe(false)
  expect(hasChanged(shown, [row('evl_1', 'running')])).toBe(true)
})
