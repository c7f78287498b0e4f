import { Command } from 'commander'
import { type ConnectionFlags, type Context, connect, ends, withConnection } from '../context.ts'
import { plain } from '../control-sequences.ts'
import { exitCodes } from '../exit-codes.ts'
import { table } from '../table.ts'
import { line, printJson } from '../terminal.ts'

export const runtimes = (context: Context): Command =>
  withConnection(new Command('runtimes'))
    .summary('list languages and versions')
    .description('Lists what the executors offer, and what they do not and why.')
    .addHelpText(
      'after',
      `
Examples:
  crucible runtimes
  crucible runtimes --json | jq -r '.data[].name'`,
    )
    .action(
      ends(async (flags: ConnectionFlags) => {
        const client = connect(context, flags)
        const found = await client.listRuntimes(undefined, { signal: context.signal })
        const { out } = context.terminal
        if (flags.json) {
          await printJson(out, found)
          return exitCodes.ok
        }
        const rows = found.data.map((each) => [each.name, each.extension, each.aliases.join(', ') || '-', each.toolVersion])
        await line(out, table(['RUNTIME', 'FILES', 'ALSO', 'TOOL'], rows))
        for (const { language, reason, remedy } of found.unavailable)
          await line(out, plain(`Not here: ${language}: ${reason}. ${remedy}`))
        return exitCodes.ok
      }),
    )
