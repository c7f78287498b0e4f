import type { EvaluationId } from '@crucible/contracts'
import type { Client } from '@crucible/sdk'
import { Command, Option } from 'commander'
import { type ConnectionFlags, type Context, connect, ends, withConnection } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { evaluationIdOf } from '../ids.ts'
import { asJson } from '../live.ts'
import { printJson, programSink } from '../terminal.ts'

const pageBytes = 1024 * 1024

export const logs = (context: Context): Command =>
  withConnection(new Command('logs'))
    .summary('print what an evaluation has written so far')
    .description('Prints what the program wrote, as it was kept: on a cut, the head and the tail.')
    .argument('<id>', 'evl_…')
    .addOption(
      new Option('--stream <stream>', 'which stream; both are kept in the order written')
        .choices(['stdout', 'stderr', 'both'])
        .default('both'),
    )
    .option('--raw', 'pass control sequences of the program to the terminal')
    .addHelpText(
      'after',
      `
Examples:
  crucible logs evl_01jd3e5k9qf8s2t4v6w8x0y1z2
  crucible logs --stream stdout evl_01jd3e5k9qf8s2t4v6w8x0y1z2 > image.png`,
    )
    .action(
      ends(async (text: string, flags: ConnectionFlags & { stream: 'stdout' | 'stderr' | 'both'; raw?: boolean }) => {
        const id = evaluationIdOf(text)
        const client = connect(context, flags)
        const show = programSink(context.terminal.out, flags.raw === true)
        const kept: Uint8Array[] = []
        for await (const page of pages(client, id, flags.stream, context.signal)) {
          if (flags.json) kept.push(page)
          else await show(page)
        }
        if (flags.json)
          await printJson(context.terminal.out, { evaluation: id, stream: flags.stream, ...asJson(Buffer.concat(kept)) })
        return exitCodes.ok
      }),
    )

/** Until a page is empty: a page may be shorter than what was asked for. */
async function* pages(
  client: Client,
  evaluation: EvaluationId,
  stream: 'stdout' | 'stderr' | 'both',
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let offset = 0; ; ) {
    const page = await client.readOutput({ params: { evaluation }, query: { stream, offset, limit: pageBytes } }, { signal })
    if (page.byteLength === 0) return
    yield page
    offset += page.byteLength
  }
}
