/** The engine that is attacked and, for controls, the two that isolate nothing: each with users of its own, under root. */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type FoundEngine, makeEngine, type Offer, offer, readLanguages } from '@crucible/sandbox'
import { type ControlTargets, naiveEngine, type Owner, type RunnerSecrets, type Target } from '@crucible/sandbox/attacks'
import type { AttackConfig } from './config.ts'

const startMs = 60_000
// Free of the ranges that executors take by default, so that both can run on a machine at the same time.
const uidBaseDefault = 1_960_000_000
const usersApart = 1000
const bubblewrap = '/usr/bin/bwrap'

export type Attacked = { readonly engine: FoundEngine; readonly offered: Offer; readonly target: Target }

const isRoot = () => process.geteuid?.() === 0

function usersOf({ slots }: AttackConfig, uidBase: number): Owner[] {
  return isRoot() ? Array.from({ length: slots }, (_, slot) => ({ uid: uidBase + slot, gid: uidBase + slot })) : []
}

const secretsOf = (config: AttackConfig): RunnerSecrets => {
  const secret = config['runner-secret']
  return secret === undefined ? {} : { environment: secret, descriptor: secret }
}

/** `keep` is given the engine as soon as there is one to close. */
export async function startAttacked(
  config: AttackConfig,
  stateDir: string,
  mark: string,
  keep: (engine: FoundEngine) => void,
  signal: AbortSignal,
): Promise<Attacked> {
  const uidBase = config['uid-base'] ?? uidBaseDefault
  const { slots, settings } = config
  const options = { slots, settings, stateDir, uidBase: isRoot() ? uidBase : null, allowUnsafe: config['allow-unsafe-engine'] }
  const engine = await makeEngine(config.engine, options)
  keep(engine)
  const offered = await offer({ engine, randomBytes }, readLanguages(), AbortSignal.any([signal, AbortSignal.timeout(startMs)]))
  const target = { engine, runtimes: offered.runtimes, owners: usersOf(config, uidBase), runnerSecrets: secretsOf(config), mark }
  return { engine, offered, target }
}

export async function startControls(
  config: AttackConfig,
  stateDir: string,
  attacked: Target,
  keep: (engine: FoundEngine) => void,
): Promise<ControlTargets> {
  const base = config['uid-base'] ?? uidBaseDefault
  const bareBase = base + usersApart
  const { slots } = config
  const bareState = join(stateDir, 'process')
  mkdirSync(bareState)
  const options = { slots, settings: {}, stateDir: bareState, uidBase: isRoot() ? bareBase : null, allowUnsafe: true }
  const bare = await makeEngine('process', options)
  keep(bare)
  const { runtimes, runnerSecrets, mark } = attacked
  const careless = (owner: Owner | null): Target => {
    const naiveState = join(stateDir, 'naive')
    mkdirSync(naiveState)
    chmodSync(naiveState, 0o711)
    const engine = naiveEngine({ slots, stateDir: naiveState, bubblewrap, owner })
    return { engine, runtimes, owners: owner ? [owner] : [], runnerSecrets, mark }
  }
  const somebody = { uid: bareBase + usersApart, gid: bareBase + usersApart }
  return {
    engine: attacked,
    process: { engine: bare, runtimes, owners: usersOf(config, bareBase), runnerSecrets, mark },
    naive: careless(isRoot() ? somebody : null),
    'naive-root': null, // it takes all of root's capabilities, and this process has given most of them up
  }
}
