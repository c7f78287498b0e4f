/**
 * Attacks on an engine, from outside and inside, each with a control. They need nothing but an engine and its runtimes,
 * and can be run as a test, at the start of a service, or by an operator who wants to see it (`crucible attack`).
 */
import type { Engine } from '../engine.ts'
import type { Runtime } from '../languages/runtime.ts'
import { applicable } from './all.ts'
import { type AttackResult, type Family, families, type Owner } from './attack.ts'
import { attempt, slotsOf, type Target } from './perform.ts'
import { startInTurn } from './turns.ts'

export { attacks } from './all.ts'
export { type Attack, type AttackResult, type Family, families, type Owner } from './attack.ts'
export { type ControlResult, type ControlTargets, controls } from './controls.ts'
export type { Target } from './perform.ts'

export type Choice = {
  readonly families?: readonly Family[]
  readonly owners?: readonly Owner[]
  readonly runnerSecrets?: Target['runnerSecrets']
}

/** Yields one result per attack as they end, as many at a time as there are slots. */
export async function* attack(
  engine: Engine,
  runtimes: readonly Runtime[],
  choice: Choice,
  signal: AbortSignal,
): AsyncGenerator<AttackResult> {
  const target: Target = { engine, runtimes, owners: choice.owners ?? [], runnerSecrets: choice.runnerSecrets ?? {} }
  const listed = (choice.families ?? families).flatMap((family) => applicable(family).map((each) => ({ family, each })))
  const work = listed.map(({ family, each }) => ({
    weight: slotsOf(each),
    run: async (): Promise<AttackResult> => {
      const startedAt = performance.now()
      const outcome = await attempt(target, each, signal)
      const wallMs = Math.round(performance.now() - startedAt)
      return { id: `${family}/${each.id}`, family, tries: each.tries, ...outcome, wallMs }
    },
  }))
  yield* startInTurn(work, engine.slots, signal)
}
