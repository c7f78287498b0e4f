import { expect, test } from 'vitest'
import { can, isTerminal, moves, sources, statuses, terminalStatuses } from './status.ts'

test('nothing leaves a terminal status', () => {
  expect(terminalStatuses).toEqual(['completed', 'failed', 'cancelled'])
  for (const from of terminalStatuses) for (const to of statuses) expect(can(from, to)).toBe(false)
})

test('every status can be reached from submitted, and every live one can end', () => {
  const reached = new Set(['submitted'])
  for (const from of reached) for (const to of moves[from as keyof typeof moves]) reached.add(to)
  expect([...reached].sort()).toEqual([...statuses].sort())
  for (const status of statuses) if (!isTerminal(status)) expect(can(status, 'cancelled') && can(status, 'failed')).toBe(true)
})

test('a verdict is only recorded on what was running', () => {
  expect(sources('completed')).toEqual(['running'])
  expect(sources('queued')).toEqual(['submitted', 'provisioning', 'running'])
})
