import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type ConnectionFlags, type Context, connect, ends, withConnection } from '../context.ts'
import { plain } from '../control-sequences.ts'
import { judgeAsBatches, judgeOneByOne } from '../eval/judge.ts'
import { planOf } from '../eval/plan.ts'
import { judgedOf, type Report, reportOf } from '../eval/report.ts'
import { exitCodes } from '../exit-codes.ts'
import { createProgress } from '../progress.ts'
import { type LimitFlags, limitsOf, withLimits } from '../submission.ts'
import { line, printJson } from '../terminal.ts'
import { parseCount } from '../units.ts'

type Flags = ConnectionFlags &
  LimitFlags & {
    samples?: string
    language?: string
    k: number[]
    concurrency?: number
    minPass?: number
    report?: string
    limit?: number
    name?: string
  }

export const evaluate = (context: Context): Command =>
  withConnection(withLimits(new Command('eval')))
    .summary('judge a benchmark, or a model’s samples of it')
    .description(
      'Judges every program of DATASET (HumanEval, HumanEval-X, MBPP or MBXP; JSON Lines, gzipped or not): the shipped solutions, or the samples of a model. Prints pass@k and the tasks that fail.',
    )
    .argument('<dataset>', 'the benchmark’s file')
    .option('--samples <file>', 'JSON Lines of {task_id, completion}, any number for each task')
    .option('-l, --language <name>', 'such as python@3.11 (default: by the benchmark)')
    .addOption(
      new Option('-k <list>', 'which pass@k to estimate')
        .argParser(parseKs)
        .default([1, 10, 100], '1,10,100 as far as there are samples'),
    )
    .addOption(
      new Option(
        '--concurrency <n>',
        'at most n unfinished at a time, each its own request (default: one batch, as fast as the server can)',
      ).argParser(parseCount),
    )
    .addOption(new Option('--min-pass <share>', 'end with 1 when pass@1 is below, such as 0.9').argParser(parseShare))
    .option('--report <file>', 'write everything as JSON')
    .addOption(new Option('--limit <n>', 'only the first n tasks').argParser(parseCount))
    .option('--name <name>', 'of the batch')
    .addHelpText(
      'after',
      `
Shipped solutions get 20 s each. Samples get what the benchmark's published harness gives (HumanEval and MBPP 3 s);
--time overrides both.

Examples:
  crucible eval HumanEval.jsonl.gz
  crucible eval HumanEval.jsonl.gz --samples samples.jsonl -k 1,10 --min-pass 0.6 --report report.json
  crucible eval humaneval-x-java.jsonl.gz --limit 10
  crucible eval mbpp.jsonl --json | jq '.failing'

Exit codes:
  0    judged, and not below --min-pass
  1    pass@1 is below --min-pass
  125  some sample has no verdict: the platform's fault, never counted as a failing program
  130  interrupted, and the batch cancelled`,
    )
    .action(
      ends(async (dataset: string, flags: Flags) => {
        const client = connect(context, flags)
        const { out, err } = context.terminal
        const plan = await planOf({
          dataset,
          samples: flags.samples,
          language: flags.language,
          limits: limitsOf(flags),
          tasksMax: flags.limit,
        })
        if (!flags.json)
          await line(err, `${plan.formats.join(', ')} · ${plan.languages.join(', ')} · ${plan.samples.length} programs`)

        const startedAt = new Date().toISOString()
        const progress = createProgress(err, () => performance.now())
        const judge = {
          client,
          plan,
          name: flags.name ?? basename(flags.samples ?? dataset),
          signal: context.signal,
          onProgress: progress.show,
        }
        const evaluations = await (flags.concurrency === undefined
          ? judgeAsBatches(judge)
          : judgeOneByOne(judge, flags.concurrency)
        ).finally(progress.end)

        const judged = plan.samples.map((sample, index) => {
          const evaluation = evaluations[index]
          if (evaluation === undefined)
            throw new Error(`the server returned ${evaluations.length} of ${plan.samples.length} evaluations`)
          return judgedOf(sample, evaluation)
        })
        const about = {
          dataset: basename(dataset),
          samplesFile: flags.samples ?? null,
          server: client.baseUrl,
          startedAt,
          finishedAt: new Date().toISOString(),
        }
        const report = reportOf(about, plan, judged, flags.k)
        if (flags.report !== undefined) await writeFile(flags.report, `${JSON.stringify(report, null, 2)}\n`)
        await (flags.json ? printJson(out, report) : line(out, textOf(report, flags.k)))
        return exitCodeFor(report, flags.minPass)
      }),
    )

/** A share of 1 must be met by every program, so that a sample without a verdict never passes for one. */
export function exitCodeFor(report: Pick<Report, 'notJudged' | 'passAtK'>, minPass = 0): number {
  if (report.notJudged.length > 0) return exitCodes.platform
  return (report.passAtK['1'] ?? 0) < minPass ? exitCodes.negative : exitCodes.ok
}

export function textOf(report: Report, ks: readonly number[]): string {
  const { total, accepted, failing, notJudged, withoutSolution } = report
  const others = Object.entries(report.byVerdict)
    .filter(([verdict]) => verdict !== 'accepted')
    .map(([verdict, count]) => `${verdict.replaceAll('_', ' ')} ${count}`)
  const estimates = ks.flatMap((k) =>
    report.passAtK[String(k)] === undefined ? [] : [`pass@${k} = ${round(report.passAtK[String(k)] ?? 0)}`],
  )
  return [
    `${accepted} of ${total} accepted${others.length === 0 ? '' : ` (${others.join(', ')})`}`,
    ...estimates,
    ...ids('Failing', failing),
    ...ids('Not judged, by our fault', notJudged),
    ...ids('Nothing to judge', withoutSolution),
  ].join('\n')
}

const idsShown = 100
const ids = (title: string, all: readonly string[]) => {
  if (all.length === 0) return []
  const more = all.length > idsShown ? ` and ${all.length - idsShown} more` : ''
  return [plain(`${title} (${all.length}): ${all.slice(0, idsShown).join(', ')}${more}`)]
}

/** Four digits, and 1 only for all. */
const round = (share: number) => (share === 1 ? '1' : Math.min(share, 0.9999).toFixed(4))

function parseKs(text: string): number[] {
  return [...new Set([1, ...text.split(',').map((each) => parseCount(each.trim()))])]
}

function parseShare(text: string): number {
  const share = Number(text)
  if (text.trim() === '' || !(share >= 0 && share <= 1)) throw new InvalidArgumentError('Give a share from 0 to 1, such as 0.9.')
  return share
}
