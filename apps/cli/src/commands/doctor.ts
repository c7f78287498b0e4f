import type { Me, RuntimeList } from '@crucible/contracts'
import { Command } from 'commander'
import { type ConnectionFlags, type Context, connect, ends, withConnection } from '../context.ts'
import { plain } from '../control-sequences.ts'
import { exitCodes } from '../exit-codes.ts'
import { explain } from '../explain.ts'
import { checkMachine, type Finding, thisMachine } from '../local-checks.ts'
import { line, printJson } from '../terminal.ts'

type Server = {
  url: string
  me: Me | null
  runtimes: RuntimeList | null
  problem: { code: string; lines: readonly string[] } | null
}

export const doctor = (context: Context): Command =>
  withConnection(new Command('doctor'))
    .summary('say what can be isolated here, what is missing, and what mends it')
    .description(
      'Asks the server what its executors found, looks at this machine, and prints the command that mends each fault. Ends with 1 when something is broken.',
    )
    .addHelpText(
      'after',
      `
Examples:
  crucible doctor
  crucible doctor --json | jq '.executors[].findings[] | select(.level == "error")'`,
    )
    .action(
      ends(async (flags: ConnectionFlags) => {
        const server = await ask(context, flags)
        const machine = checkMachine(thisMachine(context.environment.path))
        const { out } = context.terminal
        if (flags.json)
          await printJson(out, {
            server: { url: server.url, problem: server.problem, me: server.me },
            executors: server.runtimes?.executors ?? [],
            runtimes: server.runtimes?.data ?? [],
            unavailable: server.runtimes?.unavailable ?? [],
            machine,
          })
        else for (const text of [...serverLines(server), '', 'This machine', ...machine.map(findingLine)]) await line(out, text)
        const findings = [...machine, ...(server.runtimes?.executors ?? []).flatMap((each) => each.findings)]
        return server.problem !== null || findings.some((each) => each.level === 'error') ? exitCodes.negative : exitCodes.ok
      }),
    )

/** A server that cannot be asked is a finding here, not a failure of the command. */
async function ask(context: Context, flags: ConnectionFlags): Promise<Server> {
  const client = connect(context, flags)
  const how = { signal: context.signal, retriesMax: 1 }
  try {
    const [me, runtimes] = await Promise.all([client.me(undefined, how), client.listRuntimes(undefined, how)])
    return { url: client.baseUrl, me, runtimes, problem: null }
  } catch (error) {
    context.signal.throwIfAborted()
    const { code, lines } = explain(error, context.seen.settings)
    return { url: client.baseUrl, me: null, runtimes: null, problem: { code, lines } }
  }
}

function serverLines({ url, me, runtimes, problem }: Server): string[] {
  if (me === null || runtimes === null)
    return [
      `Server ${url}`,
      ...(problem?.lines ?? []).map((text, index) => (index === 0 ? `  error    ${text}` : `           ${text}`)),
    ]
  const key = `key ${me.apiKey.prefix}… of ${me.user.name} in ${me.organization.name}`
  return [
    plain(`Server ${url} · ${key}`),
    ...(runtimes.executors.length === 0 ? ['  error    no executor is connected: nothing can run now'] : []),
    ...runtimes.executors.flatMap((each) => [
      plain(
        `  executor ${each.name}: ${each.engine} ${each.engineVersion}, isolation ${each.isolation}, ${each.busy} of ${each.slots} slots busy`,
      ),
      ...Object.entries(each.mechanisms).map(([limit, mechanism]) => plain(`    limit  ${limit}: ${mechanism}`)),
      ...each.cannot.map((text) => plain(`    cannot ${text}`)),
      ...each.findings.map(findingLine),
      ...each.engines.map(engineLine),
    ]),
    plain(`  languages ${runtimes.data.map((each) => each.name).join(', ') || 'none'}`),
    ...runtimes.unavailable.map((each) => plain(`  missing  ${each.language}: ${each.reason}. ${each.remedy}`)),
  ]
}

const findingLine = ({ level, text, remedy }: Finding) =>
  plain(`  ${level.padEnd(8)} ${text}${remedy === null ? '' : ` → ${remedy}`}`)

const engineLine = ({ name, isolation, obstacle }: RuntimeList['executors'][number]['engines'][number]) =>
  plain(
    obstacle === null
      ? `    engine ${name} (${isolation}): available`
      : `    engine ${name} (${isolation}): not available, because: ${obstacle.reason} → ${obstacle.remedy}`,
  )
