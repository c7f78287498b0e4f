import type { Evaluation, EvaluationId } from '@crucible/contracts'
import { meanPassAtK, type Tally } from './pass-at-k.ts'
import type { Plan, Sample } from './plan.ts'

export type Judged = Sample & {
  readonly evaluation: EvaluationId
  readonly status: Evaluation['status']
  readonly verdict: Evaluation['verdict']
  readonly runtime: string
  readonly wallMs: number | null
  readonly cpuMs: number | null
  readonly memoryPeakBytes: number | null
  readonly failure: string | null
}

/** The JSON that `--report` writes and `--json` prints. `version` grows when a field changes its meaning. */
export type Report = {
  readonly version: 1
  readonly dataset: string
  readonly samplesFile: string | null
  readonly formats: readonly string[]
  readonly languages: readonly string[]
  readonly server: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly total: number
  readonly accepted: number
  readonly byVerdict: Readonly<Record<string, number>>
  /** Only estimates that every task has the samples for. Over samples that have a verdict. */
  readonly passAtK: Readonly<Record<string, number>>
  /** Tasks with a sample that was judged and not accepted. */
  readonly failing: readonly string[]
  /** Tasks with a sample that the platform could not judge: our fault, and no failure of the program. */
  readonly notJudged: readonly string[]
  /** Tasks that had nothing to judge. */
  readonly withoutSolution: readonly string[]
  readonly samples: readonly Judged[]
}

export const judgedOf = (sample: Sample, evaluation: Evaluation): Judged => {
  const usage = evaluation.result?.usage
  return {
    ...sample,
    evaluation: evaluation.id,
    status: evaluation.status,
    verdict: evaluation.verdict,
    runtime: evaluation.runtime,
    wallMs: usage?.wallMs ?? null,
    cpuMs: usage === undefined ? null : usage.cpuUserMs + usage.cpuSystemMs,
    memoryPeakBytes: usage?.memoryPeakBytes ?? null,
    failure: evaluation.failure === null ? null : `${evaluation.failure.code}: ${evaluation.failure.detail}`,
  }
}

type About = Pick<Report, 'dataset' | 'samplesFile' | 'server' | 'startedAt' | 'finishedAt'>

export function reportOf(about: About, plan: Plan, samples: readonly Judged[], ks: readonly number[]): Report {
  const tallies = new Map<string, Tally>()
  const byVerdict: Record<string, number> = {}
  for (const { taskId, verdict } of samples) {
    if (verdict === null) continue
    byVerdict[verdict] = (byVerdict[verdict] ?? 0) + 1
    const tally = tallies.get(taskId) ?? { n: 0, c: 0 }
    tallies.set(taskId, { n: tally.n + 1, c: tally.c + (verdict === 'accepted' ? 1 : 0) })
  }
  const estimates = ks.map((k) => [String(k), meanPassAtK([...tallies.values()], k)] as const)
  const tasksWith = (isOne: (judged: Judged) => boolean) => [...new Set(samples.filter(isOne).map(({ taskId }) => taskId))]
  return {
    version: 1,
    ...about,
    formats: plan.formats,
    languages: plan.languages,
    total: samples.length,
    accepted: byVerdict['accepted'] ?? 0,
    byVerdict,
    passAtK: Object.fromEntries(estimates.filter((each): each is [string, number] => each[1] !== null)),
    failing: tasksWith(({ verdict }) => verdict !== null && verdict !== 'accepted'),
    notJudged: tasksWith(({ verdict }) => verdict === null),
    withoutSolution: plan.left,
    samples,
  }
}
