import type { Evaluation, EvaluationEvent, EvaluationId } from '@crucible/contracts'
import { bytesOf, type Client } from '@crucible/sdk'
import type { Context } from './context.ts'
import { exitCodeOf } from './exit-codes.ts'
import { summaryOf } from './summary.ts'
import { line, printJson, programSink } from './terminal.ts'

export type LiveFlags = { readonly quiet?: boolean; readonly raw?: boolean }

/**
 * Shows an evaluation as it happens: its standard output on ours, its standard error on ours, and what the compiler says
 * on standard error, so that a pipe receives what the program wrote and nothing else.
 */
export async function showLive(context: Context, client: Client, id: EvaluationId, flags: LiveFlags): Promise<Evaluation> {
  const { out, err } = context.terminal
  const toOut = programSink(out, flags.raw === true)
  const toErr = programSink(err, flags.raw === true)
  const note = (text: string) => (flags.quiet ? Promise.resolve() : line(err, `crucible: ${text}`))
  for await (const { event } of client.followEvaluation(id, { signal: context.signal })) {
    if (event.type === 'output')
      await (event.stream === 'stdout' && event.run !== 'compile' ? toOut : toErr)(bytesOf(event.base64))
    if (event.type === 'reset') await note('the platform lost this attempt; what it wrote above is void, a new one begins')
    if (event.type === 'finished') {
      await note(summaryOf(event.evaluation))
      return event.evaluation
    }
  }
  throw new Error('the stream ended without an end') // follow() returns only after `finished`
}

/** Each event as one line of JSON, as the API sends them. */
export async function showEvents(context: Context, client: Client, id: EvaluationId): Promise<Evaluation> {
  for await (const { event } of client.followEvaluation(id, { signal: context.signal })) {
    await printJson(context.terminal.out, event)
    if (event.type === 'finished') return event.evaluation
  }
  throw new Error('the stream ended without an end')
}

/** Both streams whole, and what the verdict was made with, for one JSON document. Bounded by the evaluation's own output limit. */
export async function collect(context: Context, client: Client, id: EvaluationId) {
  const written = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  for await (const { event } of client.followEvaluation(id, { signal: context.signal })) {
    if (event.type === 'output') written[event.run === 'compile' ? 'stderr' : event.stream].push(bytesOf(event.base64))
    if (event.type === 'reset') written.stdout.length = written.stderr.length = 0
    if (event.type !== 'finished') continue
    const { environment } = await client.getEvaluation({ params: { evaluation: id } }, { signal: context.signal })
    return { ...resultOf(event.evaluation, written), environment }
  }
  throw new Error('the stream ended without an end')
}

const resultOf = (
  evaluation: Extract<EvaluationEvent, { type: 'finished' }>['evaluation'],
  written: Record<'stdout' | 'stderr', Uint8Array[]>,
) => ({
  evaluation,
  exitCode: exitCodeOf(evaluation),
  stdout: asJson(Buffer.concat(written.stdout)),
  stderr: asJson(Buffer.concat(written.stderr)),
})

/** Bytes for JSON: always exact as base64, and as text where they are text. */
export function asJson(bytes: Uint8Array): { text: string | null; base64: string } {
  const base64 = Buffer.from(bytes).toString('base64')
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), base64 }
  } catch {
    return { text: null, base64 }
  }
}
