/** From what we saw to what the program earned. Pure: everything here can be checked on paper. */
import type { Reason, RunResult, TestResult, Verdict } from '../spec.ts'

/** Of a run without tests; null: the program ended by itself with 0, so only its output can still decide. */
export function verdictOfRun(result: Pick<RunResult, 'reason' | 'exitCode'>): Verdict | null {
  const { reason } = result
  switch (reason) {
    case 'exited':
      return result.exitCode === 0 ? null : 'runtime_error'
    case 'signalled':
    case 'disk':
    case 'processes':
      return 'runtime_error'
    case 'wall_time':
    case 'cpu_time':
      return 'time_limit'
    case 'memory':
      return 'memory_limit'
    case 'output':
      return 'output_limit'
    case 'violation':
      return 'security_violation'
    case 'cancelled':
      throw new Error('a cancelled run has no verdict')
    default:
      return unknown(reason)
  }
}

/** Any end of a compilation but exit 0 is the source's fault, whichever limit stopped it. */
export function compiled(result: Pick<RunResult, 'reason' | 'exitCode'>): boolean {
  return verdictOfRun(result) === null
}

/** All passed: accepted. Some: partial. None: what the first one that ran and failed earned. */
export function overall(tests: readonly Pick<TestResult, 'verdict' | 'weight'>[]): { verdict: Verdict; score: number } {
  const total = tests.reduce((sum, test) => sum + test.weight, 0)
  const passed = tests.filter((test) => test.verdict === 'accepted')
  const firstFailed = tests.find((test) => test.verdict !== 'accepted')
  if (firstFailed === undefined) return { verdict: 'accepted', score: 1 }
  if (passed.length === 0) return { verdict: firstFailed.verdict, score: 0 }
  return { verdict: 'partial', score: passed.reduce((sum, test) => sum + test.weight, 0) / total }
}

function unknown(reason: never): never {
  throw new Error(`unknown reason ${String(reason satisfies Reason)}`)
}
