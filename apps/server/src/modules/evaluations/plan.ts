/** From what a caller sent to what is stored: runtime chosen, limits granted, source bundled and hashed. Pure. */
import { createHash } from 'node:crypto'
import type { Limits, Priority, Submission } from '@crucible/contracts'
import type { Job, RuntimeInfo, Test } from '@crucible/sandbox/spec'
import { refuse } from '../../platform/refusal/index.ts'
import type { Offer, Offers } from './catalogue.ts'
import { grantLimits } from './limits.ts'
import type { Policy } from './policies.ts'
import { isolationUnavailable, type Requirement, requirementOf } from './requirement.ts'
import { chooseRuntime } from './runtime-choice.ts'

/** The part of a job that the caller decides: stored once per organization and content, and sent to the executor as it is. */
export type Bundle = Pick<Job, 'files' | 'entry' | 'args' | 'env' | 'stdin' | 'tests' | 'stopAtFirstFailure'>

export type Plan = {
  readonly language: string
  readonly runtime: string
  readonly priority: Priority
  readonly requirement: Requirement
  readonly limits: Limits
  readonly source: { readonly sha256: Buffer; readonly bundle: Buffer }
  readonly testsTotal: number
  readonly metadata: string | null // JSON
}

export type PlanContext = { readonly offers: Offers; readonly policy: Policy }

/** Throws the refusal that the submission earns; `pointer` is where it stands in the body. */
export function planEvaluation(submission: Submission, context: PlanContext, pointer = ''): Plan {
  const { offers, policy } = context
  const requirement = requirementOf(submission.isolation, policy.isolation, pointer)
  const offer = offers.enoughFor(requirement)
  if (offer.reported.length === 0) throw isolationUnavailable(requirement, offers.all.reported, { pointer, runtime: null })
  const runtime = runtimeFor(submission.language, requirement, { offers, offer, pointer })
  const limits = grantLimits(submission.limits, policy.limits, pointer)
  refuseUnenforceable(submission.limits, offer.unenforceable, pointer)
  const bundle = Buffer.from(JSON.stringify(bundleOf(submission, runtime)))
  return {
    language: runtime.language,
    runtime: runtime.name,
    priority: submission.priority,
    requirement,
    limits,
    source: { sha256: createHash('sha256').update(bundle).digest(), bundle },
    testsTotal: submission.tests.length,
    metadata: Object.keys(submission.metadata).length === 0 ? null : JSON.stringify(submission.metadata),
  }
}

function runtimeFor(
  language: string,
  requirement: Requirement,
  { offers, offer, pointer }: { offers: Offers; offer: Offer; pointer: string },
): RuntimeInfo {
  const choice = chooseRuntime(offer.runtimes, language)
  if (choice.isKnown) return choice.runtime
  const weaker = chooseRuntime(offers.all.runtimes, language)
  if (weaker.isKnown) {
    const runtime = weaker.runtime.name
    const offering = offers.all.reported.filter(({ runtimes }) => runtimes.some(({ name }) => name === runtime))
    throw isolationUnavailable(requirement, offering, { pointer, runtime })
  }
  const hint = choice.nearest === null ? '' : ` Did you mean ${choice.nearest}?`
  const detail = `${JSON.stringify(language)} is not offered here.${hint} GET /api/v1/runtimes lists what is.`
  throw refuse('unknown_runtime', { detail, errors: [{ pointer: `${pointer}/language`, detail }] })
}

/** Only what was asked for by name: a default that cannot be enforced is declared with the result instead. */
function refuseUnenforceable(asked: Submission['limits'], unenforceable: Offer['unenforceable'], pointer: string) {
  const names = [...unenforceable].filter((name) => asked[name] !== undefined)
  if (names.length === 0) return
  const errors = names.map((name) => ({ pointer: `${pointer}/limits/${name}`, detail: 'no executor here can enforce it' }))
  throw refuse('engine_cannot_enforce', { detail: `No executor here can enforce ${names.join(', ')}.`, errors })
}

function bundleOf(submission: Submission, runtime: RuntimeInfo): Bundle {
  const files = submission.files ?? [
    { path: submission.entry ?? runtime.entry, content: submission.code ?? '', encoding: 'utf8' as const },
  ]
  const first = files[0]?.path ?? runtime.entry
  return {
    files,
    entry: submission.entry ?? (files.some(({ path }) => path === runtime.entry) ? runtime.entry : first),
    args: submission.args,
    env: submission.env,
    stdin: submission.stdin,
    tests: submission.tests.map((test, index): Test => ({ ...test, name: test.name ?? `test ${index + 1}` })),
    stopAtFirstFailure: submission.stopAtFirstFailure,
  }
}
