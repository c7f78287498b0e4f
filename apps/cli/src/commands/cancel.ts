import { Command } from 'commander'
import { type ConnectionFlags, type Context, connect, ends, withConnection } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { subjectOf } from '../ids.ts'
import { line, printJson } from '../terminal.ts'

export const cancel = (context: Context): Command =>
  withConnection(new Command('cancel'))
    .summary('cancel evaluations or batches')
    .description('Cancels each of IDS. What has already finished stays as it is, which is no error.')
    .argument('<ids...>', 'evl_… or btc_…')
    .addHelpText(
      'after',
      `
Examples:
  crucible cancel evl_01jd3e5k9qf8s2t4v6w8x0y1z2
  crucible list --status queued --json | jq -r '.data[].id' | xargs crucible cancel`,
    )
    .action(
      ends(async (ids: string[], flags: ConnectionFlags) => {
        const subjects = ids.map(subjectOf) // all of them before the first is cancelled
        const client = connect(context, flags)
        const how = { signal: context.signal }
        const replies: unknown[] = []
        for (const subject of subjects) {
          if (subject.kind === 'evaluation') {
            const evaluation = await client.cancelEvaluation({ params: { evaluation: subject.id } }, how)
            replies.push(evaluation)
            if (!flags.json) await line(context.terminal.out, `${evaluation.id}  ${evaluation.status}`)
          } else {
            const batch = await client.cancelBatch({ params: { batch: subject.id } }, how)
            replies.push(batch)
            if (!flags.json)
              await line(context.terminal.out, `${batch.id}  ${batch.byStatus['cancelled'] ?? 0} of ${batch.total} cancelled`)
          }
        }
        if (flags.json) await printJson(context.terminal.out, replies)
        return exitCodes.ok
      }),
    )
