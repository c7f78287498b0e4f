import type { BatchId } from '@crucible/contracts'
import type { Client } from '@crucible/sdk'
import { Command } from 'commander'
import { type ConnectionFlags, type Context, connect, ends, withConnection } from '../context.ts'
import { exitCodeHelp, exitCodeOf, exitCodes } from '../exit-codes.ts'
import { subjectOf } from '../ids.ts'
import { type LiveFlags, showEvents, showLive } from '../live.ts'
import { createProgress } from '../progress.ts'
import { printJson } from '../terminal.ts'

export const watch = (context: Context): Command =>
  withConnection(new Command('watch'))
    .summary('follow an evaluation or a batch until it ends')
    .description(
      'Shows an evaluation from its start until its end, or the progress of a batch. Ctrl-C stops watching, not the evaluation.',
    )
    .argument('<id>', 'evl_… or btc_…')
    .option('-q, --quiet', 'no summary line on standard error')
    .option('--raw', 'pass control sequences of the program to the terminal')
    .addHelpText(
      'after',
      `
With --json each event is a line, as the API sends it.

Examples:
  crucible watch evl_01jd3e5k9qf8s2t4v6w8x0y1z2
  crucible watch --json btc_01jd3e5k9qf8s2t4v6w8x0y1z2 | jq .batch.finished
${exitCodeHelp}`,
    )
    .action(
      ends(async (text: string, flags: ConnectionFlags & LiveFlags) => {
        const subject = subjectOf(text)
        const client = connect(context, flags)
        if (subject.kind === 'batch') return watchBatch(context, client, subject.id, flags.json === true)
        return exitCodeOf(
          await (flags.json ? showEvents(context, client, subject.id) : showLive(context, client, subject.id, flags)),
        )
      }),
    )

async function watchBatch(context: Context, client: Client, id: BatchId, isJson: boolean): Promise<number> {
  const progress = createProgress(context.terminal.err, () => performance.now())
  let lacking = 0
  for await (const event of client.followBatch(id, { signal: context.signal })) {
    if (isJson) await printJson(context.terminal.out, event)
    else await progress.show(event.batch)
    lacking = (event.batch.byStatus['failed'] ?? 0) + (event.batch.byStatus['cancelled'] ?? 0)
  }
  if (!isJson) await progress.end()
  return lacking > 0 ? exitCodes.platform : exitCodes.ok
}
