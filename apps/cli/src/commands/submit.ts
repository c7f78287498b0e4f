import { Command } from 'commander'
import { type ConnectionFlags, type Context, connect, ends, withConnection } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { type SubmissionFlags, submissionOf, withSubmission } from '../submission.ts'
import { line, printJson } from '../terminal.ts'

export const submit = (context: Context): Command =>
  withConnection(withSubmission(new Command('submit')))
    .summary('queue a program and print its id')
    .description('Queues FILE and prints the id of its evaluation at once; follow it with `crucible watch`.')
    .argument('<file>', 'the program')
    .argument('[args...]', 'its arguments; options for crucible go before FILE')
    .option('--idempotency-key <key>', 'submissions under the same key are one')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Examples:
  crucible submit long.py
  crucible watch "$(crucible submit long.py)"
  crucible submit --priority low --json train.py`,
    )
    .action(
      ends(async (file: string, args: string[], flags: ConnectionFlags & SubmissionFlags & { idempotencyKey?: string }) => {
        const client = connect(context, flags)
        const body = await submissionOf(context, client, file, args, flags)
        const evaluation = await client.submitEvaluation(
          { body },
          { signal: context.signal, idempotencyKey: flags.idempotencyKey },
        )
        await (flags.json ? printJson(context.terminal.out, evaluation) : line(context.terminal.out, evaluation.id))
        return exitCodes.ok
      }),
    )
