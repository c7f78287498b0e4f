import type { EvaluationId } from '@crucible/contracts'
import type { Client } from '@crucible/sdk'
import { Command } from 'commander'
import { type ConnectionFlags, type Context, connect, ends, withConnection } from '../context.ts'
import { exitCodeHelp, exitCodeOf } from '../exit-codes.ts'
import { isBrokenPipe } from '../failures.ts'
import { collect, type LiveFlags, showLive } from '../live.ts'
import { type SubmissionFlags, submissionOf, withSubmission } from '../submission.ts'
import { line, printJson } from '../terminal.ts'

type Flags = ConnectionFlags & SubmissionFlags & LiveFlags

const cancelMs = 10_000

export const run = (context: Context): Command =>
  withConnection(withSubmission(new Command('run')))
    .summary('run a program in a sandbox and show what it writes, live')
    .description('Runs FILE in a sandbox, shows both streams live and ends with the program’s own exit code. Ctrl-C cancels it.')
    .argument('<file>', 'the program')
    .argument('[args...]', 'its arguments; options for crucible go before FILE')
    .option('-q, --quiet', 'no summary line on standard error')
    .option('--raw', 'pass control sequences of the program to the terminal (it can then rewrite your screen)')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Examples:
  crucible run hello.py
  crucible run --time 2s --memory 64MiB solve.cpp < /dev/null
  echo 3 4 | crucible run --stdin - add.py
  crucible run -l python@3.11 --env DEPTH=3 tree.py --width 80
  crucible run --json hello.py | jq -r .stdout.text
${exitCodeHelp}`,
    )
    .action(
      ends(async (file: string, args: string[], flags: Flags) => {
        const client = connect(context, flags)
        const body = await submissionOf(context, client, file, args, flags)
        // Not aborted by Ctrl-C: only its reply tells what there is to cancel.
        const { id } = await client.submitEvaluation({ body })
        try {
          context.signal.throwIfAborted()
          if (flags.json !== true) return exitCodeOf(await showLive(context, client, id, flags))
          const result = await collect(context, client, id)
          await printJson(context.terminal.out, result)
          return result.exitCode
        } catch (error) {
          if (context.signal.aborted || isBrokenPipe(error)) await cancel(context, client, id, flags)
          throw error
        }
      }),
    )

/** Under its own deadline: the signal that brought us here would abort it at once. */
async function cancel(context: Context, client: Client, id: EvaluationId, flags: Flags) {
  const { status } = await client.cancelEvaluation({ params: { evaluation: id } }, { timeoutMs: cancelMs })
  if (flags.quiet !== true) await line(context.terminal.err, `crucible: ${status} · ${id}`)
}
