import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { type AttackResult, type ControlResult, type Family, families, type Listed, type Started } from '../attack/events.ts'
import { htmlOf } from '../attack/html.ts'
import { junitOf } from '../attack/junit.ts'
import { type AttackReport, reportOf } from '../attack/report.ts'
import { startAttack } from '../attack/start.ts'
import { heading, listText, reportText } from '../attack/text.ts'
import { type Context, ends } from '../context.ts'
import { plain } from '../control-sequences.ts'
import { exitCodes } from '../exit-codes.ts'
import { UsageError } from '../failures.ts'
import { line } from '../terminal.ts'

type Flags = {
  readonly engine?: string
  readonly family?: readonly Family[]
  readonly set?: readonly string[]
  readonly slots?: string
  readonly uidBase?: string
  readonly controls?: true
  readonly allowUnsafeEngine?: true
  readonly allowSkipped?: true
  readonly list?: true
  readonly json?: string
  readonly junit?: string
  readonly html?: string
  readonly report?: string
}

export const attack = (context: Context): Command =>
  new Command('attack')
    .summary('attack the sandboxes of this machine, and show that nothing gets out')
    .description(
      `Runs some two hundred hostile programs in the sandboxes of this machine and looks, mostly from outside, whether one of
them gets anywhere: out of the sandbox, at more rights, files, processes, network or resources, or at a verdict it has
not earned. It needs no server. Start it as the user (root, for most) as whom the executor runs here.`,
    )
    .option('--engine <name>', 'which engine; `crucible doctor` lists them (default namespaces)')
    .option('--family <name>', `only these attacks; may be repeated: ${families.join(', ')}`, collectFamily)
    .option('--controls', 'also run each attack where nothing stops it, to show that it would have been seen')
    .option('--allow-skipped', 'end with 0 although attacks were skipped, because a language is missing for one')
    .option('--list', 'say what there is, and run nothing')
    .option('--report <folder>', 'write attack.json, attack.junit.xml and attack.html there')
    .option('--json <file>', 'write the report as JSON')
    .option('--junit <file>', 'write it as JUnit XML, for CI')
    .option('--html <file>', 'write it as one page')
    .option('--slots <count>', 'how many run at a time (default 4)')
    .option('--uid-base <uid>', 'under root: the first of a free range of user ids')
    .option('--set <name=value>', 'a setting of the engine, as the executor takes it; may be repeated', collect)
    .option('--allow-unsafe-engine', 'attack the engine that isolates nothing, to see the difference')
    .addHelpText(
      'after',
      `
An attack is stopped when it was seen to be: a decoy on this machine stays unread and untouched, a service unreached, a
process unsignalled; or the program reports what the kernel answered. One that says nothing has escaped. What
is placed on this machine for it is removed afterwards. The guide is docs/guides/attacks.md.

Examples:
  crucible attack                             all of it, in about half a minute
  crucible attack --family escape --controls  a part, and the proof that the probes can fail
  crucible attack --report reports/attack     for a page to keep and for CI
  crucible attack --list                      what each of them tries

Exit codes:
  0    every attack was stopped
  1    one got out, or was skipped, or a control shows that it would not have been seen
  2    the command line is wrong
  125  the engine cannot be started here; the message says what mends it`,
    )
    .action(ends((flags: Flags) => run(context, flags)))

async function run(context: Context, flags: Flags): Promise<number> {
  const { out, err } = context.terminal
  const startedAt = new Date().toISOString()
  const results: AttackResult[] = []
  const controls: ControlResult[] = []
  const listed: Listed[] = []
  let started: Started | null = null
  for await (const event of startAttack(flagsOf(flags), context.signal)) {
    switch (event.type) {
      case 'started':
        started = event
        await line(out, `${heading(event)}\n`)
        break
      case 'attack':
        results.push(event)
        break
      case 'control':
        controls.push(event)
        break
      case 'listed':
        listed.push(event)
        break
      case 'finished':
        break
      case 'failed':
        if (event.isUsage) throw new UsageError(event.reason)
        for (const text of [event.reason, ...(event.remedy === null ? [] : [event.remedy])])
          await line(err, plain(`crucible: ${text}`))
        return exitCodes.platform
      default:
        event satisfies never
    }
    if (err.isTTY && started !== null) await err.write(`\r\u001b[2K${progress(started, results, controls)}`)
  }
  if (err.isTTY && started !== null) await err.write('\r\u001b[2K')
  if (flags.list) {
    await line(out, listText(listed))
    return exitCodes.ok
  }
  if (started === null) throw new Error('the attack said nothing')
  const times = { startedAt, finishedAt: new Date().toISOString() }
  const report = reportOf({
    ...times,
    started,
    results,
    controls: flags.controls ? controls : null,
    maySkip: flags.allowSkipped === true,
  })
  await write(flags, report)
  await line(out, reportText(report))
  return report.outcome === 'stopped' ? exitCodes.ok : exitCodes.negative
}

const progress = ({ attacks }: Started, results: readonly AttackResult[], controls: readonly ControlResult[]) => {
  const escaped = results.filter(({ outcome }) => outcome === 'escaped').length
  return `${results.length}/${attacks} attacks · ${escaped} escaped${controls.length > 0 ? ` · ${controls.length} controls` : ''}`
}

async function write(flags: Flags, report: AttackReport): Promise<void> {
  const at = (name: string) => (flags.report === undefined ? undefined : join(flags.report, name))
  const wanted: (readonly [string | undefined, () => string])[] = [
    [flags.json ?? at('attack.json'), () => `${JSON.stringify(report, null, 2)}\n`],
    [flags.junit ?? at('attack.junit.xml'), () => junitOf(report)],
    [flags.html ?? at('attack.html'), () => htmlOf(report)],
  ]
  for (const [path, text] of wanted) {
    if (path === undefined) continue
    await mkdir(dirname(resolve(path)), { recursive: true })
    await writeFile(path, text())
  }
}

function flagsOf(flags: Flags): string[] {
  const settings = (flags.set ?? []).flatMap((setting) => {
    const at = setting.indexOf('=')
    if (at < 1) throw new UsageError(`--set ${setting} is no name=value`)
    return [`--${setting.slice(0, at)}`, setting.slice(at + 1)]
  })
  return [
    ...(flags.engine === undefined ? [] : ['--engine', flags.engine]),
    ...(flags.family ?? []).flatMap((family) => ['--family', family]),
    ...(flags.slots === undefined ? [] : ['--slots', flags.slots]),
    ...(flags.uidBase === undefined ? [] : ['--uid-base', flags.uidBase]),
    ...(flags.controls ? ['--controls'] : []),
    ...(flags.allowUnsafeEngine ? ['--allow-unsafe-engine'] : []),
    ...(flags.list ? ['--list'] : []),
    ...settings,
  ]
}

const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value]

function collectFamily(value: string, earlier: readonly Family[] = []): Family[] {
  const family = families.find((name) => name === value)
  if (family === undefined) throw new InvalidArgumentError(`There are ${families.join(', ')}.`)
  return [...earlier, family]
}
