/** One attack against one engine, from the placing of its decoys to the last look at the machine. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { findRuntime } from '../languages/runtime.ts'
import type { Attack, AttackResult } from './attack.ts'
import type { Decoy } from './decoys/decoy.ts'
import { placeDecoys } from './decoys/index.ts'
import { removeKernelObjects } from './kernel-objects.ts'
import { changedSettings, readSettings, removeTraces, type Settings } from './machine.ts'
import { settle } from './neighbour.ts'
import { type Complaint, notStopped } from './observe.ts'
import { fillProgram } from './placeholders.ts'
import { runProgram, type Target } from './run-program.ts'

const slowestMs = 60_000

/** `isProven` when something was seen to get through; an attack that escaped without it was not seen to be stopped. */
export type Outcome = Pick<AttackResult, 'outcome' | 'detail'> & { readonly isProven: boolean }

/** How many sandboxes it holds at once. */
export const slotsOf = ({ atOnce = 1, neighbour }: Attack) => atOnce + (neighbour?.when === 'beside' ? 1 : 0)

/** An engine that fails under an attack was brought down by it: that is no reason to call the attack stopped. */
export async function attempt(target: Target, attack: Attack, signal: AbortSignal): Promise<Outcome> {
  const why = whyNot(target, attack)
  if (why !== null) return { outcome: 'skipped', detail: why, isProven: false }
  const within = AbortSignal.any([signal, AbortSignal.timeout(slowestMs)])
  try {
    const complaints = await Promise.all(Array.from({ length: attack.atOnce ?? 1 }, () => once(target, attack, within)))
    const found = complaints.flat()
    const detail = [...new Set(found.map(({ text }) => text))].join('; ')
    return { outcome: found.length === 0 ? 'stopped' : 'escaped', detail, isProven: found.some(({ proves }) => proves) }
  } catch (cause) {
    signal.throwIfAborted()
    const why = cause instanceof Error ? cause.message : String(cause)
    return { outcome: 'escaped', detail: `the engine or the attack failed: ${why}`, isProven: false }
  }
}

function whyNot({ engine, runtimes, runnerSecrets }: Target, attack: Attack): string | null {
  if (attack.runnerSecret !== undefined && runnerSecrets[attack.runnerSecret] === undefined)
    return `whoever runs this has put no secret into its ${attack.runnerSecret}`
  const languages = [attack.language, ...(attack.neighbour ? [attack.neighbour.language] : [])]
  for (const name of languages) if (findRuntime(runtimes, name, null) === undefined) return `${name} is not offered here`
  if (slotsOf(attack) > engine.slots) return `it needs ${slotsOf(attack)} slots, and there are ${engine.slots}`
  if (engine.isolation === 'none' && 'without' in attack.control)
    return `it is not run without isolation: ${attack.control.without}`
  const weak = (attack.needs ?? []).filter((name) => ['none', 'sampled', 'rlimit'].includes(engine.mechanisms[name]))
  return weak.length > 0 ? `${engine.name} only approximates ${weak.join(', ')} here` : null
}

async function once(target: Target, attack: Attack, signal: AbortSignal): Promise<Complaint[]> {
  const nonce = randomBytes(6).toString('hex')
  const secret = (attack.runnerSecret && target.runnerSecrets[attack.runnerSecret]) ?? randomBytes(16).toString('hex')
  const settings = readSettings()
  const decoy = await placeDecoys(attack.decoys ?? [], { nonce, secret, owners: target.owners })
  try {
    const values = { NONCE: nonce, NONCE8: nonce.slice(0, 8), HOSTNAME: hostname(), ...decoy.values }
    const neighbour = await settle(target, attack.neighbour, { ...values, SECRET: secret }, signal)
    try {
      const seen = await runProgram(target, fillProgram(attack, values, { SECRET: secret }), nonce, signal)
      const { isolation } = target.engine
      const found = 'refused' in seen ? refusal(attack, seen.refused) : notStopped(attack, seen, { nonce, secret, isolation })
      return [...found, ...[...(await neighbour.leave()), ...aftermath(attack, decoy, nonce, settings)].map(proof)]
    } finally {
      await neighbour.leave()
    }
  } finally {
    await decoy.remove()
    removeTraces(nonce)
  }
}

const proof = (text: string): Complaint => ({ text, proves: true })

const refusal = ({ stopped }: Attack, why: string): Complaint[] =>
  stopped.refusedJob ? [] : [{ text: `the job was refused: ${why}`, proves: false }]

const aftermath = (attack: Attack, decoy: Decoy, nonce: string, settings: Settings): string[] => [
  ...decoy.disturbed(),
  ...removeTraces(nonce),
  // Only who looks for what another left makes such things, and looking costs a process.
  ...(attack.neighbour === undefined ? [] : removeKernelObjects(nonce)),
  ...changedSettings(settings),
]
