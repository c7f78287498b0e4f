import { idOf } from '@crucible/contracts'
import { expect, test } from 'vitest'
import { filtersOf } from './filters.ts'
import { readListSearch } from './list-search.ts'

const batch = idOf('btc', '01900000-0000-7000-8000-000000000001')

test('what the address says of the filters is read back as it was written', () => {
  const search = {
    status: 'queued,running',
    verdict: 'time_limit',
    language: 'python',
    batch,
    from: '2026-01-31',
    until: '2026-02-01',
  }
  expect(readListSearch(search)).toEqual(search)
})

test('what cannot be read from the address is dropped', () => {
  expect(
    readListSearch({
      status: 'queued,exploded,queued',
      verdict: 7,
      language: '',
      batch: 'btc_x',
      from: '2026-13-45',
      until: 'soon',
      other: 1,
    }),
  ).toEqual({
    status: 'queued',
  })
})

test('the last day is included to its end', () => {
  const { createdAfter, createdBefore } = filtersOf({ from: '2026-01-31', until: '2026-01-31' })
  expect(Date.parse(createdBefore ?? '') - Date.parse(createdAfter ?? '')).toBe(24 * 3600 * 1000)
})
