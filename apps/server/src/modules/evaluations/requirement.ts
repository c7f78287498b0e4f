/** What an executor must at least be for a run, and which executors are. Pure. */
import { type Isolation, type IsolationInForce, isAtLeast } from '@crucible/contracts'
import type { ExecutorStatus } from '@crucible/sandbox/spec'
import { refuse } from '../../platform/refusal/index.ts'

export type Requirement = { readonly isolation: Isolation; readonly engines: readonly string[] | null }
type Isolating = Pick<ExecutorStatus, 'engine' | 'isolation'>

/** The policy's, or more when more was asked for. Asking for less is refused and not raised in silence. */
export function requirementOf(asked: Isolation | undefined, policy: IsolationInForce, pointer = ''): Requirement {
  if (asked !== undefined && !isAtLeast(asked, policy.least)) {
    const detail = `is ${asked}; the policy here asks for at least ${policy.least}`
    throw refuse('isolation_below_policy', { detail, errors: [{ pointer: `${pointer}/isolation`, detail }] })
  }
  return { isolation: asked ?? policy.least, engines: policy.engines }
}

export const satisfies = ({ engine, isolation }: Isolating, required: Requirement) =>
  isAtLeast(isolation, required.isolation) && (required.engines === null || required.engines.includes(engine))

/** `kernel-private by gvisor or docker` */
export const describeRequirement = ({ isolation, engines }: Requirement) =>
  `isolation of at least ${isolation}${engines === null ? '' : engines.length === 0 ? ' by an engine that both policies allow, and there is none' : ` by ${engines.join(' or ')}`}`

/** The refusal when nothing that has reported is enough: what there is, and what would be enough. `for` is a runtime. */
export function isolationUnavailable(
  required: Requirement,
  reported: readonly ExecutorStatus[],
  { pointer, runtime }: { pointer: string; runtime: string | null },
) {
  const detail = [
    `${runtime === null ? 'A run here' : `A run of ${runtime}`} needs ${describeRequirement(required)}.`,
    `What has reported${runtime === null ? '' : ` and offers ${runtime}`}: ${unique(reported.map(({ engine, isolation }) => `${engine} (${isolation})`))}.`,
    wayOut(required, reported),
  ].join(' ')
  return refuse('isolation_unavailable', { detail, errors: [{ pointer: `${pointer}/isolation`, detail }] })
}

/** Executors say which engines their machines have: the nearest thing that would be enough, and what it lacks. */
function wayOut(required: Requirement, reported: readonly ExecutorStatus[]): string {
  const enough = reported
    .flatMap(({ engines }) => engines)
    .filter(({ name, isolation }) => satisfies({ engine: name, isolation }, required))
  const ready = enough.filter(({ obstacle }) => obstacle === null)
  if (ready.length > 0) {
    return `Enough would be an executor started with the engine ${unique(
      ready.map(({ name }) => name),
      ' or ',
    )}, which the machines here have.`
  }
  const lacking = enough.map(({ name, obstacle }) => `${name}: ${obstacle?.reason ?? ''} ${obstacle?.remedy ?? ''}`.trim())
  if (lacking.length > 0) return `Enough would be, once it is mended on the machine of an executor: ${unique(lacking, '; ')}`
  return `Enough would be an executor with ${describeRequirement(required)}.`
}

const unique = (texts: readonly string[], between = ', ') => [...new Set(texts)].join(between)
