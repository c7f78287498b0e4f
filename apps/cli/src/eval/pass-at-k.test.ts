import fc from 'fast-check'
import { expect, test } from 'vitest'
import { meanPassAtK, passAtK } from './pass-at-k.ts'

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k)

test('it is 1 - C(n-c, k) / C(n, k)', () => {
  for (const [n, c, k] of [
    [10, 3, 1],
    [10, 3, 5],
    [6, 3, 2],
    [20, 1, 20],
  ] as const)
    expect(passAtK(n, c, k)).toBeCloseTo(n - c < k ? 1 : 1 - choose(n - c, k) / choose(n, k), 12)
})
test('pass@1 is the share that passed', () => expect(passAtK(6, 3, 1)).toBeCloseTo(0.5, 12))
test('numbers whose binomials overflow are no trouble', () => expect(passAtK(10_000, 1, 100)).toBeCloseTo(0.01, 10))
test('it is a probability that grows with k and with c', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(300), fc.nat(300), (n, c, k) => {
      const [passed, draws] = [c % n, 1 + (k % (n - 1))]
      const estimate = passAtK(n, passed, draws)
      expect(estimate).toBeGreaterThanOrEqual(0)
      expect(estimate).toBeLessThanOrEqual(1)
      expect(passAtK(n, passed, draws + 1)).toBeGreaterThanOrEqual(estimate - 1e-12)
      expect(passAtK(n, passed + 1, draws)).toBeGreaterThanOrEqual(estimate - 1e-12)
    }),
  )
})
test('more draws than samples is refused', () => expect(() => passAtK(3, 1, 4)).toThrow('pass@4 of 1 in 3'))
test('the mean is over tasks, not over samples', () =>
  expect(
    meanPassAtK(
      [
        { n: 1, c: 1 },
        { n: 3, c: 0 },
      ],
      1,
    ),
  ).toBe(0.5))
test('there is no mean when a task has too few samples', () => {
  expect(
    meanPassAtK(
      [
        { n: 10, c: 1 },
        { n: 9, c: 9 },
      ],
      10,
    ),
  ).toBeNull()
  expect(meanPassAtK([], 1)).toBeNull()
})
