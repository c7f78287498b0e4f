/** Runs each attack where it must succeed, so that an observation that cannot fail is found out. */

import { applicable, type attacks } from './all.ts'
import { type AttackResult, type Family, families } from './attack.ts'
import { attempt, failed, slotsOf, type Target } from './perform.ts'
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
  chosen: readonly Family[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<ControlResult> {
  const listed = (chosen ?? families).flatMap((family) => applicable(family).map((each) => ({ family, each })))
  const work = listed.map(({ family, each }) => ({
    weight: slotsOf(each),
    run: async (): Promise<ControlResult> => ({ id: `${family}/${each.id}`, family, ...(await check(targets, each, signal)) }),
  }))
  const slots = Math.min(...Object.values(targets).flatMap((each) => each?.engine.slots ?? []))
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
  if (target === null) return { outcome: 'skipped', detail: `there is no ${control.on} sandbox here` }
  // What only approximates a limit is the right place to exceed it.
  const { outcome, detail } = await attempt(target, { ...each, ...control.with, needs: [] }, signal)
  if (outcome === 'escaped' && control.shows !== undefined && !detail.includes(control.shows))
    return { outcome: 'blind', detail: `nothing showed "${control.shows}", but ${detail}` }
  if (outcome === 'escaped') return { outcome: detail.startsWith(failed) ? 'blind' : 'seen', detail }
  if (outcome === 'skipped') return { outcome, detail }
  if (control.ifAllowed !== undefined)
    return { outcome: 'skipped', detail: `This machine refuses it to everybody: ${control.ifAllowed}` }
  return { outcome: 'blind', detail: `it was called stopped on ${control.on}` }
}
