import { expect, test } from 'vitest'
import { type Reason, reasons, type Verdict } from '../spec.ts'
import { compiled, overall, verdictOfRun } from './verdict.ts'

const expected: Record<Exclude<Reason, 'exited' | 'cancelled'>, Verdict> = {
  signalled: 'runtime_error',
  wall_time: 'time_limit',
  cpu_time: 'time_limit',
  memory: 'memory_limit',
  output: 'output_limit',
  disk: 'runtime_error',
  processes: 'runtime_error',
  violation: 'security_violation',
}

test.for(Object.entries(expected))('a run that ended by %s earns %s', ([reason, verdict]) => {
  expect(verdictOfRun({ reason: reason as Reason, exitCode: 0 })).toBe(verdict) // a key of the record above
})

test('an exit code decides only when the program ended by itself', () => {
  expect(verdictOfRun({ reason: 'exited', exitCode: 0 })).toBeNull()
  expect(verdictOfRun({ reason: 'exited', exitCode: 137 })).toBe('runtime_error') // which is no SIGKILL
  expect(verdictOfRun({ reason: 'memory', exitCode: 0 })).toBe('memory_limit')
})

test('a cancelled run never becomes a verdict', () => {
  expect(() => verdictOfRun({ reason: 'cancelled', exitCode: null })).toThrow()
})

test('whatever stops a compilation, the source did not compile', () => {
  for (const reason of reasons.filter((each) => each !== 'cancelled' && each !== 'exited')) {
    expect(compiled({ reason, exitCode: 0 })).toBe(false)
  }
  expect(compiled({ reason: 'exited', exitCode: 1 })).toBe(false)
  expect(compiled({ reason: 'exited', exitCode: 0 })).toBe(true)
})

test('tests add up by weight', () => {
  const pass = (weight: number) => ({ verdict: 'accepted' as const, weight })
  const fail = (verdict: Verdict, weight: number) => ({ verdict, weight })
  expect(overall([pass(1), pass(2)])).toEqual({ verdict: 'accepted', score: 1 })
  expect(overall([pass(1), fail('time_limit', 3)])).toEqual({ verdict: 'partial', score: 0.25 })
  expect(overall([fail('memory_limit', 1), fail('wrong_answer', 1)])).toEqual({ verdict: 'memory_limit', score: 0 })
})
