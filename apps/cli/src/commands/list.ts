import { type Evaluation, statuses, verdicts } from '@crucible/contracts'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type ConnectionFlags, type Context, connect, ends, withConnection } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { UsageError } from '../failures.ts'
import { subjectOf } from '../ids.ts'
import { table } from '../table.ts'
import { line, printJson } from '../terminal.ts'
import { formatDuration, parseCount } from '../units.ts'

type Flags = ConnectionFlags & {
  status?: (typeof statuses)[number][]
  verdict?: (typeof verdicts)[number][]
  language?: string
  batch?: string
  after?: string
  before?: string
  limit: number
  cursor?: string
}

export const list = (context: Context): Command =>
  withConnection(new Command('list'))
    .summary('list evaluations, newest first')
    .description('Lists evaluations, newest first.')
    .addOption(new Option('--status <names>', `comma-separated: ${statuses.join(', ')}`).argParser(oneOf(statuses)))
    .addOption(new Option('--verdict <names>', `comma-separated: ${verdicts.join(', ')}`).argParser(oneOf(verdicts)))
    .option('--language <name>', 'such as python')
    .option('--batch <id>', 'those of one batch')
    .addOption(new Option('--after <time>', 'created after, such as 2026-11-20 or 2026-11-20T10:00Z').argParser(parseTime))
    .addOption(new Option('--before <time>', 'created before').argParser(parseTime))
    .addOption(new Option('--limit <n>', 'at most 100').argParser(parseCount).default(20))
    .option('--cursor <cursor>', 'go on where a page ended')
    .addHelpText(
      'after',
      `
Examples:
  crucible list --status queued,running
  crucible list --verdict time_limit --language cpp --limit 100
  crucible list --json | jq -r '.data[].id'`,
    )
    .action(
      ends(async (flags: Flags) => {
        const client = connect(context, flags)
        const page = await client.listEvaluations({ query: queryOf(flags) }, { signal: context.signal })
        const { out, err } = context.terminal
        if (flags.json) await printJson(out, page)
        else if (page.data.length === 0) await line(err, 'No evaluations here. Make one: crucible run FILE')
        else {
          await line(out, table(['ID', 'STATUS', 'VERDICT', 'RUNTIME', 'TESTS', 'TIME', 'CREATED'], page.data.map(rowOf)))
          if (page.page.nextCursor !== null) await line(err, `More: --cursor ${page.page.nextCursor}`)
        }
        return exitCodes.ok
      }),
    )

function queryOf(flags: Flags) {
  const batch = flags.batch === undefined ? undefined : subjectOf(flags.batch)
  if (batch?.kind === 'evaluation') throw new UsageError('--batch takes the id of a batch, btc_….')
  const { status, verdict, language, limit, cursor } = flags
  return { status, verdict, language, batch: batch?.id, createdAfter: flags.after, createdBefore: flags.before, limit, cursor }
}

const rowOf = (evaluation: Evaluation): string[] => [
  evaluation.id,
  evaluation.status,
  evaluation.verdict ?? '-',
  evaluation.runtime,
  evaluation.tests.total === 0 ? '-' : `${evaluation.tests.passed ?? 0}/${evaluation.tests.total}`,
  evaluation.result === null ? '-' : formatDuration(evaluation.result.usage.wallMs),
  evaluation.createdAt,
]

const oneOf =
  <T extends string>(known: readonly T[]) =>
  (text: string): T[] =>
    text.split(',').map((name) => {
      const found = known.find((each) => each === name.trim())
      if (found === undefined) throw new InvalidArgumentError(`${JSON.stringify(name)} is none of: ${known.join(', ')}.`)
      return found
    })

function parseTime(text: string): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('Give a time such as 2026-11-20T10:00Z.')
  return time.toISOString()
}
