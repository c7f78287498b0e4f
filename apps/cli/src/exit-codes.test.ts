import type { Evaluation, RunResult } from '@crucible/contracts'
import { expect, test } from 'vitest'
import { exitCodeOf } from './exit-codes.ts'

const usage = {
  ...{ wallMs: 1, cpuUserMs: 1, cpuSystemMs: 1, memoryPeakBytes: 1, processesPeak: 1, ioReadBytes: null, ioWriteBytes: null },
  ...{ stdoutBytes: 0, stderrBytes: 0 },
}
const ended = (result: Partial<RunResult>): RunResult => ({
  exitCode: 0,
  signal: null,
  reason: 'exited',
  usage,
  cut: { stdout: null, stderr: null },
  start: 'cold',
  ...result,
})
const codeOf = (verdict: Evaluation['verdict'], result: Partial<RunResult> | null, status: Evaluation['status'] = 'completed') =>
  // Only what the exit code is computed from.
  exitCodeOf({ status, verdict, result: result === null ? null : ended(result) } as Evaluation)

test('the program’s own code is passed on', () => {
  expect(codeOf('accepted', {})).toBe(0)
  expect(codeOf('runtime_error', { exitCode: 42 })).toBe(42)
})
test('a signal is 128 and its number', () => {
  expect(codeOf('runtime_error', { exitCode: null, signal: 'SIGSEGV', reason: 'signalled' })).toBe(139)
  expect(codeOf('security_violation', { exitCode: null, signal: 'SIGSYS', reason: 'violation' })).toBe(159)
})
test('a limit is told apart from the signal that enforced it', () => {
  for (const verdict of ['time_limit', 'memory_limit', 'output_limit'] as const)
    expect(codeOf(verdict, { exitCode: null, signal: 'SIGKILL' })).toBe(124)
  expect(codeOf('runtime_error', { exitCode: 1, reason: 'disk' })).toBe(124)
})
test('our failure is never a code of the program', () => {
  expect(codeOf(null, null, 'failed')).toBe(125)
  expect(codeOf(null, null, 'cancelled')).toBe(130)
})
test('what did not compile was not run', () => expect(codeOf('compile_error', { exitCode: 1 })).toBe(126))
test('a wrong answer of a program that exits with 0 is still no success', () => expect(codeOf('wrong_answer', {})).toBe(1))
