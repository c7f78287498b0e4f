import { constants } from 'node:os'
import type { Evaluation } from '@crucible/contracts'

/** What the process ends with when it is not the program's own code. `--json` tells apart what a number cannot. */
export const exitCodes = {
  ok: 0,
  negative: 1, // a check that was asked for did not hold: `eval --min-pass`, `doctor`
  usage: 2,
  limit: 124, // as timeout(1): a limit ended the program
  platform: 125, // as docker run: refused, unreachable, or no verdict could be obtained
  notCompiled: 126, // as a shell: there is nothing that could be run
  interrupted: 130,
} as const

export const exitCodeHelp = `
Exit codes:
  the program's own, or 128 + the signal that ended it
  2    the command line is wrong (a program may also exit with 2: see --json)
  124  a limit ended the program (time, CPU, memory, output, disk, processes)
  125  the platform could not: no server, a refusal, or no verdict after all attempts
  126  the program did not compile
  130  interrupted, and the evaluation cancelled`

/** The exit code that stands for a finished evaluation. */
export function exitCodeOf(evaluation: Evaluation): number {
  if (evaluation.status === 'cancelled') return exitCodes.interrupted
  const { verdict, result } = evaluation
  if (evaluation.status !== 'completed' || verdict === null) return exitCodes.platform
  if (verdict === 'compile_error') return exitCodes.notCompiled
  if (verdict === 'time_limit' || verdict === 'memory_limit' || verdict === 'output_limit') return exitCodes.limit
  if (result !== null && ['disk', 'processes'].includes(result.reason)) return exitCodes.limit
  if (result?.signal != null) return 128 + signalNumber(result.signal)
  if (result?.exitCode != null && result.exitCode !== 0) return result.exitCode
  return verdict === 'accepted' ? exitCodes.ok : exitCodes.negative
}

/** The number of a signal by its name; what this system does not know counts as SIGKILL. */
const signalNumber = (name: string) =>
  new Map<string, number>(Object.entries(constants.signals)).get(name) ?? constants.signals.SIGKILL
