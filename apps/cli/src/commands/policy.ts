import {
  type IsolationPolicy,
  idPattern,
  isolations,
  type ProjectId,
  policyEngines,
  type ShownIsolationPolicy,
} from '@crucible/contracts'
import type { Client } from '@crucible/sdk'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type ConnectionFlags, type Context, connect, ends, withConnection } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { line, printJson } from '../terminal.ts'

type Engines = IsolationPolicy['engines']
type Flags = ConnectionFlags & { project?: ProjectId; least?: IsolationPolicy['least']; engines?: { only: Engines } }

export const policy = (context: Context): Command =>
  withConnection(new Command('policy'))
    .summary('show or set how programs must be isolated')
    .description(
      'Shows the isolation that every run of the organization, or of a project, must have at least; sets it when given one. A project can ask for more than its organization, and never for less.',
    )
    .addOption(new Option('--project <id>', 'of this project instead of the organization').argParser(parseProject))
    .addOption(new Option('--least <level>', 'the least isolation').choices(isolations))
    .addOption(new Option('--engines <list>', `"any", or some of ${policyEngines.join(',')}`).argParser(parseEngines))
    .addHelpText(
      'after',
      `
Examples:
  crucible policy
  crucible policy --least kernel-shared --engines any
  crucible policy --project prj_01jd3e5k9qf8s2t4v6w8x0y1z2 --least kernel-private --engines gvisor,docker`,
    )
    .action(
      ends(async (flags: Flags) => {
        const at = policyAt(connect(context, flags), flags.project)
        const how = { signal: context.signal }
        const before = await at.read(how)
        const { least = before.least, engines = { only: before.engines } } = flags
        const isChange = flags.least !== undefined || flags.engines !== undefined
        const now = isChange ? await at.set({ least, engines: engines.only }, { ...how, version: before.version }) : before
        if (flags.json) await printJson(context.terminal.out, now)
        else {
          await line(context.terminal.out, `${flags.project ?? 'organization'}: ${describe(now)}`)
          if (flags.project !== undefined) await line(context.terminal.out, `with the organization’s: ${describe(now.inForce)}`)
        }
        return exitCodes.ok
      }),
    )

type How = { readonly signal: AbortSignal; readonly version?: number }
type At = { read(how: How): Promise<ShownIsolationPolicy>; set(body: IsolationPolicy, how: How): Promise<ShownIsolationPolicy> }

const policyAt = (client: Client, project: ProjectId | undefined): At =>
  project === undefined
    ? {
        read: (how) => client.getOrganizationIsolation(undefined, how),
        set: (body, how) => client.setOrganizationIsolation({ body }, how),
      }
    : {
        read: (how) => client.getProjectIsolation({ params: { project } }, how),
        set: (body, how) => client.setProjectIsolation({ params: { project }, body }, how),
      }

const describe = ({ least, engines }: Pick<ShownIsolationPolicy['inForce'], 'least' | 'engines'>) =>
  `at least ${least}, by ${engines === null ? 'any engine' : engines.join(' or ') || 'none: no engine is allowed by both'}`

function parseProject(text: string): ProjectId {
  if (idPattern('prj').test(text)) return text as ProjectId // the pattern is the brand
  throw new InvalidArgumentError('Give an id such as prj_….')
}

function parseEngines(text: string): { only: Engines } {
  if (text === 'any') return { only: null }
  const only = text.split(',').map((name) => {
    const known = policyEngines.find((engine) => engine === name)
    if (known === undefined) throw new InvalidArgumentError(`Give "any" or some of ${policyEngines.join(',')}.`)
    return known
  })
  return { only }
}
