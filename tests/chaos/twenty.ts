/** Twenty evaluations in flight, and what must be true of each of them whatever was killed meanwhile. */
import type { EvaluationId } from '@crucible/contracts'
import { bytesOf, type Client } from '@crucible/sdk'
import { expect } from 'vitest'

export const count = 20

/** Long enough to be mid-run when the blow falls, and the output says which program it was. */
const program = (index: number) => `import time\nprint("begin ${index}", flush=True)\ntime.sleep(1.5)\nprint("end ${index}")\n`

export async function submitTwenty(client: Client): Promise<EvaluationId[]> {
  const evaluations = Array.from({ length: count }, (_, index) => ({ language: 'python', code: program(index) }))
  return (await client.createBatch({ body: { name: 'chaos', evaluations } })).evaluations
}

/** Resolves when a program of ours has been seen to write: it is mid-run. */
export async function firstOutput(client: Client, ids: readonly EvaluationId[]): Promise<void> {
  const [first] = ids
  if (first === undefined) throw new Error('nothing was submitted')
  for await (const { event } of client.followEvaluation(first)) if (event.type === 'output') return
  throw new Error('the first evaluation ended without output')
}

/** Follows each to its end and reads its whole history: judged exactly once, with exactly its own output. */
export async function expectEachJudgedOnce(client: Client, ids: readonly EvaluationId[]): Promise<void> {
  expect(ids).toHaveLength(count)
  await Promise.all(ids.map((id, index) => expectJudgedOnce(client, id, index)))
}

async function expectJudgedOnce(client: Client, id: EvaluationId, index: number): Promise<void> {
  let output = ''
  let finished = 0
  const numbers: number[] = []
  const ends: string[] = []
  const followed = client.followEvaluation(id, { signal: AbortSignal.timeout(120_000) })
  for await (const { id: number, event } of followed) {
    numbers.push(Number(number))
    if (event.type === 'reset') output = ''
    if (event.type === 'output' && event.stream === 'stdout') output += new TextDecoder().decode(bytesOf(event.base64))
    if (event.type === 'status' && ['completed', 'failed', 'cancelled'].includes(event.status)) ends.push(event.status)
    if (event.type === 'finished') finished++
  }
  expect({ finished, output }, id).toEqual({ finished: 1, output: `begin ${index}\nend ${index}\n` })
  expect(ends.length, `${id} reached ${ends.join(' and ')}`).toBeLessThanOrEqual(1)
  expect(numbers, `the event numbers of ${id}`).toEqual(numbers.map((_, position) => position + 1))

  const detail = await client.getEvaluation({ params: { evaluation: id } })
  expect({ status: detail.status, verdict: detail.verdict }, id).toEqual({ status: 'completed', verdict: 'accepted' })
  const attempts = detail.attemptHistory.map(({ number }) => number)
  expect(new Set(attempts).size, `attempts of ${id}`).toBe(attempts.length)
  expect(
    detail.attemptHistory.filter(({ end }) => end === 'completed'),
    `verdicts of ${id}`,
  ).toHaveLength(1)
}
