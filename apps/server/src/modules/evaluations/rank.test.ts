import { priorities } from '@crucible/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rank } from './rank.ts'

const none = { low: 0, normal: 0, high: 0 }

test('what was sent with a higher priority goes first within an organization, whatever waits already', () => {
  fc.assert(
    fc.property(fc.record({ low: fc.nat(5000), normal: fc.nat(5000), high: fc.nat(900) }), (outstanding) => {
      expect(rank('high', outstanding)).toBeLessThan(rank('normal', outstanding))
      expect(rank('normal', outstanding)).toBeLessThan(rank('low', outstanding))
    }),
  )
})

test('one evaluation of somebody else passes the thousands of one who sent many', () => {
  expect(rank('normal', none)).toBeLessThan(rank('normal', { ...none, normal: 5_000 }))
  expect(rank('low', none)).toBeLessThan(rank('low', { ...none, high: 5_000 }))
})

test('a flood of high priority starves nobody: past a thousand it yields to the normal work of others', () => {
  expect(rank('high', { ...none, high: 1_500 })).toBeGreaterThan(rank('normal', none))
})

test('every rank is one that the queue takes', () => {
  fc.assert(
    fc.property(fc.constantFrom(...priorities), fc.nat(10_000_000), (priority, count) => {
      const taken = rank(priority, { low: count, normal: count, high: count })
      expect(taken).toBeGreaterThanOrEqual(1)
      expect(taken).toBeLessThan(2 ** 21)
    }),
  )
})
