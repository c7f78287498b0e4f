/**
 * Attacks on an engine, from outside and inside, each with a control. They need nothing but an engine and its runtimes,
 * and can be run as a test, at the start of a service, or by an operator who wants to see it (`crucible attack`).
 */
import { applicable } from './all.ts'
import { type AttackResult, type Family, families } from './attack.ts'
import { attempt, slotsOf } from './perform.ts'
import type { Target } from './run-program.ts'
import { startInTurn } from './turns.ts'

export { applicable, attacks } from './all.ts'
export { type Attack, type AttackResult, type Family, families, type Owner, type RunnerSecrets } from './attack.ts'
export { type ControlResult, type ControlTargets, controls } from './controls.ts'
export { removeTraces } from './machine.ts'
export { naiveEngine } from './naive.ts'
export type { Target } from './run-program.ts'

/** Yields one result per attack as they end, as many at a time as there are slots. */
export async function* attack(
  target: Target,
  chosen: readonly Family[] = families,
  signal: AbortSignal,
): AsyncGenerator<AttackResult> {
  const listed = chosen.flatMap((family) => applicable(family).map((each) => ({ family, each })))
  const work = listed.map(({ family, each }) => ({
    weight: slotsOf(each),
    run: async (): Promise<AttackResult> => {
      const startedAt = performance.now()
      const { outcome, detail } = await attempt(target, each, signal)
      const wallMs = Math.round(performance.now() - startedAt)
      return { id: `${family}/${each.id}`, family, tries: each.tries, outcome, detail, wallMs }
    },
  }))
  yield* startInTurn(work, target.engine.slots, signal)
}
