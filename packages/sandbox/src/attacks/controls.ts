/** Runs each attack where it must succeed, so that an observation that cannot fail is found out. */

import { applicable, type attacks } from './all.ts'
import type { AttackResult, Family } from './attack.ts'
import { attempt, slotsOf } from './perform.ts'
import type { Target } from './run-program.ts'
import { startInTurn } from './turns.ts'

export type ControlResult = Pick<AttackResult, 'id' | 'family'> & {
  /** `blind`: it was not seen to succeed where nothing stops it, so that "stopped" says nothing elsewhere. */
  readonly outcome: 'seen' | 'blind' | 'skipped'
  readonly detail: string
}

/** A target that is missing (a naive sandbox needs root, for one) skips the controls that ask for it. */
export type ControlTargets = Readonly<Record<'process' | 'engine', Target> & Record<'naive' | 'naive-root', Target | null>>

export async function* controls(
  targets: ControlTargets,
  chosen: readonly Family[],
  signal: AbortSignal,
): AsyncGenerator<ControlResult> {
  const slots = Math.min(...Object.values(targets).flatMap((each) => each?.engine.slots ?? []))
  const listed = chosen.flatMap((family) => applicable(family).map((each) => ({ family, each })))
  const work = listed.map(({ family, each }) => ({
    // What uses up something that all sandboxes have together succeeds by disturbing them: nothing else may run beside it.
    weight: each.atOnce === undefined ? slotsOf(each) : slots,
    run: async (): Promise<ControlResult> => ({ id: `${family}/${each.id}`, family, ...(await check(targets, each, signal)) }),
  }))
  yield* startInTurn(work, slots, signal)
}

async function check(
  targets: ControlTargets,
  each: (typeof attacks)[Family][number],
  signal: AbortSignal,
): Promise<Pick<ControlResult, 'outcome' | 'detail'>> {
  const { control } = each
  if ('without' in control) return { outcome: 'skipped', detail: control.without }
  const target = targets[control.on]
  if (target === null)
    return { outcome: 'skipped', detail: `there is no ${control.on} sandbox here: it takes a root with all capabilities` }
  // What only approximates a limit is the right place to exceed it.
  const { outcome, detail, isProven } = await attempt(target, { ...each, ...control.with, needs: [] }, signal)
  if (outcome === 'escaped' && control.shows !== undefined && !detail.includes(control.shows))
    return { outcome: 'blind', detail: `nothing showed "${control.shows}", but ${detail}` }
  if (outcome === 'escaped') return { outcome: isProven ? 'seen' : 'blind', detail }
  if (outcome === 'skipped') return { outcome, detail }
  if (control.ifAllowed !== undefined)
    return { outcome: 'skipped', detail: `This machine refuses it to everybody: ${control.ifAllowed}` }
  return { outcome: 'blind', detail: `it was called stopped on ${control.on}` }
}
