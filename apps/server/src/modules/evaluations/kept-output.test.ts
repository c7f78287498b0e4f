import { judgement, runResult } from '@crucible/testkit'
import { expect, test } from 'vitest'
import { createKept } from './kept-output.ts'

test('offsets count what is stored, per stream and over both', () => {
  const kept = createKept()
  kept.keep('run', 'stdout', Buffer.alloc(3))
  kept.keep('run', 'stderr', Buffer.alloc(5))
  expect(kept.keep('run', 'stdout', Buffer.alloc(1))).toMatchObject({ streamOffset: 3, bothOffset: 8 })
  expect([kept.stored('stdout'), kept.stored('stderr')]).toEqual([4, 5])
})

test('what is left out beyond the bound is stated in the result of its run', () => {
  const kept = createKept(10)
  kept.keep('test:0', 'stdout', Buffer.alloc(8))
  expect(kept.keep('test:1', 'stdout', Buffer.alloc(8)).data.byteLength).toBe(2)
  const first = runResult(0, 8)
  const second = runResult(1, 8)
  expect(kept.describe('test:0', first)).toEqual(first)
  const cut = { stdout: { headBytes: 2, omittedBytes: 6 }, stderr: null }
  expect(kept.describe('test:1', second).cut).toEqual(cut)
  const tests = [
    { name: 'a', verdict: 'accepted', weight: 1, result: first },
    { name: 'b', verdict: 'wrong_answer', weight: 1, result: second },
  ] as const
  const described = kept.describeAll({ ...judgement('partial', second), tests: [...tests] })
  expect([described.run?.cut, described.tests[1]?.result?.cut]).toEqual([cut, cut])
})
