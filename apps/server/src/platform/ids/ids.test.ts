import { uuidOf } from '@crucible/contracts'
import { expect, test } from 'vitest'
import { newIds, uuidV7 } from './index.ts'

test('an id is a UUID of version 7 with the time of its making', () => {
  expect(uuidV7(0x0123_4567_89ab, new Uint8Array(10).fill(0xff))).toBe('01234567-89ab-7fff-bfff-ffffffffffff')
})

test('ids sort by the time of their making', () => {
  let nowMs = 1_790_000_000_000
  const newId = newIds({ now: () => new Date(nowMs++) }, (bytes) => bytes.fill(0xff))
  const ids = Array.from({ length: 100 }, () => newId('evl'))
  expect(ids.toSorted()).toEqual(ids)
  expect(ids.map(uuidOf).toSorted()).toEqual(ids.map(uuidOf))
})
