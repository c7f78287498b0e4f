import { Command, type CommanderError } from 'commander'
import { attack } from './commands/attack.ts'
import { cancel } from './commands/cancel.ts'
import { doctor } from './commands/doctor.ts'
import { evaluate } from './commands/eval.ts'
import { list } from './commands/list.ts'
import { logs } from './commands/logs.ts'
import { policy } from './commands/policy.ts'
import { run } from './commands/run.ts'
import { runtimes } from './commands/runtimes.ts'
import { submit } from './commands/submit.ts'
import { watch } from './commands/watch.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'

/** The whole command line. Throws `CommanderError` where commander would end the process. */
export function programOf(context: Context, version: string): Command {
  const program = new Command('crucible')
    .description('Runs untrusted code in throw-away sandboxes, on a Crucible server.')
    .version(version)
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
The server is CRUCIBLE_URL (default http://127.0.0.1:3000) and the key CRUCIBLE_API_KEY; for a server on this machine
that was started with \`npm start\` neither is needed.

Examples:
  crucible doctor                        what can run here, and how well it is confined
  crucible run hello.py                  run a program and see what it writes, live
  crucible eval HumanEval.jsonl.gz       judge a benchmark
  crucible attack                        attack the sandboxes of this machine, and see what is stopped
  crucible run --help                    options, examples and exit codes of a command`,
    )
  for (const make of [run, submit, watch, logs, list, cancel, runtimes, doctor, policy, evaluate, attack])
    program.addCommand(make(context))
  for (const command of [program, ...program.commands])
    command.exitOverride().showHelpAfterError('See --help.').showSuggestionAfterError()
  return program
}

/** Help and version end well; everything else that commander says is a slip on the command line. */
export const exitCodeOfCommander = (error: CommanderError): number => (error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
