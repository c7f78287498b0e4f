import { expect, test } from 'vitest'
import { processBounds } from './process-bounds.ts'

test('whichever bound refuses first leaves the program exactly what it may have', () => {
  for (const processes of [1, 3, 14, 15, 16, 32, 512]) {
    const { group, user, groupRefuses } = processBounds('runc', processes)
    const leftByGroup = group - 1 // the guard
    const leftByUser = user - 2 // and the keeper
    expect(Math.min(leftByGroup, leftByUser)).toBe(processes)
    expect(groupRefuses).toBe(leftByGroup < leftByUser)
  }
  for (const processes of [1, 32, 512]) {
    const { group, user } = processBounds('runsc', processes)
    expect(user - 1).toBe(processes)
    expect(group).toBeGreaterThanOrEqual(256) // below that it may die without a word
  }
})
