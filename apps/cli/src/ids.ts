import { type BatchId, type EvaluationId, idPattern } from '@crucible/contracts'
import { UsageError } from './failures.ts'

export type Subject =
  | { readonly kind: 'evaluation'; readonly id: EvaluationId }
  | { readonly kind: 'batch'; readonly id: BatchId }

/** An id from the command line; the prefix says what it names. */
export function subjectOf(text: string): Subject {
  if (idPattern('evl').test(text)) return { kind: 'evaluation', id: text as EvaluationId } // the pattern is the brand
  if (idPattern('btc').test(text)) return { kind: 'batch', id: text as BatchId }
  throw new UsageError(`Not an id: ${JSON.stringify(text)}. Ids look like evl_… or btc_…; \`crucible list\` shows them.`)
}

export function evaluationIdOf(text: string): EvaluationId {
  const subject = subjectOf(text)
  if (subject.kind === 'evaluation') return subject.id
  throw new UsageError(`${text} is a batch; its evaluations are in \`crucible list --batch ${text}\`.`)
}
