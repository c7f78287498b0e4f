/** The program of somebody else, in a sandbox of its own, before or beside an attack. */
import type { Neighbour } from './attack.ts'
import { fillProgram } from './placeholders.ts'
import { runProgram, type Target } from './run-program.ts'

const readyMs = 15_000
const longestMs = 45_000 // it must not end by itself while the attack is going on, however slow the machine
const saidMax = 4096

/** Ends it, and tells of every sign that it was disturbed. Can be asked twice. */
export type Settled = { leave(): Promise<string[]> }

/** Resolves when it is gone, or ready. */
export async function settle(
  target: Target,
  neighbour: Neighbour | undefined,
  values: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Settled> {
  if (neighbour === undefined) return { leave: async () => [] }
  const filled = fillProgram(neighbour, values, {})
  const program = { ...filled, limits: { wallMs: longestMs, ...filled.limits } }
  if (neighbour.when === 'before') {
    await runProgram(target, program, `${values['NONCE']}-neighbour`, signal)
    return { leave: async () => [] }
  }
  const stop = new AbortController()
  const ready = Promise.withResolvers<void>()
  let said = ''
  let ended: string | null = null
  const running = runProgram(target, program, `${values['NONCE']}-neighbour`, AbortSignal.any([signal, stop.signal]), (event) => {
    if (event.type === 'output') said = (said + Buffer.from(event.chunk).toString('latin1')).slice(0, saidMax)
    if (said.includes('ready\n')) ready.resolve()
  }).then(
    (seen) => {
      ended = 'refused' in seen ? seen.refused : seen.judgement.verdict
      ready.reject(new Error(`The neighbour of an attack ended too early (${ended}): ${said}`))
    },
    (cause: unknown) => {
      if (!stop.signal.aborted) ended = cause instanceof Error ? cause.message : String(cause)
      ready.reject(cause)
    },
  )
  const late = setTimeout(() => ready.reject(new Error(`The neighbour of an attack was not ready: ${said}`)), readyMs)
  await ready.promise.finally(() => clearTimeout(late))
  return {
    async leave() {
      const early = ended
      stop.abort()
      await running
      const more = said.replace('ready\n', '').trim()
      return [
        ...(early === null ? [] : [`the neighbour was ended (${early})`]),
        ...(more === '' ? [] : [`the neighbour was disturbed: ${more}`]),
      ]
    },
  }
}
