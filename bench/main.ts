/**
 * `npm run bench`: what isolation and the platform cost, as ratios against baselines of the same run.
 * Every subject runs the same one-liner; rounds alternate between subjects, so drift hits all alike.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { machine } from './machine.ts'
import { latencies, percentile, rounds, type Spread, type Subject, spread, throughput } from './measure.ts'
import { wholeApi } from './subjects/api.ts'
import { engineCold, engineForked } from './subjects/engine.ts'
import { type Program, programs } from './subjects/programs.ts'
import { bare, bubblewrapByHand } from './subjects/spawned.ts'
import { table } from './table.ts'

const help = `npm run bench -- [options]

Measures python, bash and node one-liners: bare spawn, bubblewrap by hand, the engine (cold,
and forked where a language can), the whole API.

  --quick           fewer and shorter rounds, to see that it works
  --program NAME    only one of ${Object.keys(programs).join(', ')}
  --help
`
const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, program: { type: 'string' }, help: { type: 'boolean' } },
})
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}

const effort = values.quick
  ? { rounds: 2, runs: 15, throughputMs: 1_500, warmUpMs: 1_000 }
  : { rounds: 3, runs: 40, throughputMs: 3_000, warmUpMs: 8_000 }
const inFlight = [1, 2, 4, 8, 16]
const slots = Math.max(...inFlight) // of the bare engine: nobody waits for a place
const apiSlots = 2 * availableParallelism() // measured best here: 1 each leaves processors idle between runs, 3 gain nothing
const ms = ({ median, min, max }: Spread) => `${median.toFixed(1)} (${min.toFixed(1)}-${max.toFixed(1)})`
const ratio = (value: number, baseline: number | undefined) => (baseline ? `${(value / baseline).toFixed(2)} ×` : '')

async function measure(title: string, program: Program): Promise<void> {
  const subjects: Subject[] = [bare(program), bubblewrapByHand(program)]
  try {
    subjects.push(await engineCold(program, slots))
    const forked = await engineForked(program, slots)
    if (forked) subjects.push(forked, await wholeApi(program, apiSlots, 'never'))
    subjects.push(await wholeApi(program, apiSlots, 'as it comes'))
    process.stderr.write(`${title}: warming up\n`)
    for (const subject of subjects) await throughput(subject, Math.max(...inFlight), effort.warmUpMs) // until the code is compiled

    process.stderr.write(`${title}: latency\n`)
    const times = await rounds(effort.rounds, subjects, (subject) => latencies(subject, effort.runs))
    const p50 = (name: string) => spread((times.get(name) ?? []).map((round) => percentile(round, 50)))
    const p99 = (name: string) => percentile((times.get(name) ?? []).flat(), 99)
    const baseline = p50('bwrap by hand').median
    process.stdout.write(`\n### ${title}: latency, 1 in flight\n\n`)
    const header = ['', 'p50 ms (spread of rounds)', 'p99 ms', 'p50 against bwrap by hand', 'more than bwrap, ms']
    const rows = subjects.map(({ name }) => {
      const { median } = p50(name)
      return [name, ms(p50(name)), p99(name).toFixed(1), ratio(median, baseline), (median - baseline).toFixed(1)]
    })
    process.stdout.write(`${table(header, rows)}\n`)

    const perSecond = new Map<string, string[]>(subjects.map(({ name }) => [name, []]))
    for (const lanes of inFlight) {
      process.stderr.write(`${title}: throughput at ${lanes}\n`)
      const found = await rounds(effort.rounds, subjects, (subject) => throughput(subject, lanes, effort.throughputMs))
      const median = (name: string) => spread(found.get(name) ?? []).median
      for (const { name } of subjects) {
        perSecond.get(name)?.push(`${median(name).toFixed(0)} (${ratio(median(name), median('bwrap by hand'))})`)
      }
    }
    process.stdout.write(`\n### ${title}: runs per second (against bwrap by hand), by runs in flight\n\n`)
    process.stdout.write(
      `${table(
        ['', ...inFlight.map(String)],
        subjects.map(({ name }) => [name, ...(perSecond.get(name) ?? [])]),
      )}\n`,
    )
  } finally {
    for (const subject of subjects) await subject.close()
  }
}

const chosen = Object.entries(programs).filter(([name]) => values.program === undefined || name === values.program)
if (chosen.length === 0) {
  process.stderr.write(`No program ${values.program}.\n\n${help}`)
  process.exit(2)
}
process.stdout.write(`${machine()}\n`)
for (const [title, program] of chosen) await measure(title, program)
process.stdout.write(`\n${machine()}\n`)
