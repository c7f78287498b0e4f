/** Every attack is stopped by the default engine, and each control shows that its observation could have failed. */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../engine.ts'
import { namespacesEngine } from '../engines/namespaces/index.ts'
import { processEngine } from '../engines/process/index.ts'
import { readLanguages } from '../languages/catalogue.ts'
import { offer } from '../languages/offer.ts'
import {
  type AttackResult,
  applicable,
  attack,
  attacks,
  type ControlResult,
  controls,
  families,
  naiveEngine,
  type Owner,
  removeTraces,
  type Target,
} from './index.ts'

const slots = 4
const isRoot = process.geteuid?.() === 0
const uidBases = { engine: 1_700_000_000, process: 1_700_000_100, naive: 1_700_000_200 }
const owners = (uidBase: number): Owner[] =>
  isRoot ? Array.from({ length: slots }, (_, slot) => ({ uid: uidBase + slot, gid: uidBase + slot })) : []

// What an engine that hands on its environment would hand on; the descriptor is another runner's, see apps/executor.
const runnerSecrets = { environment: randomBytes(16).toString('hex') }
process.env['CRUCIBLE_ATTACK_DECOY'] = runnerSecrets.environment

const mark = randomBytes(8).toString('hex')

let stateDir: string
let naive: Target
let naiveRoot: Target | null
let guarded: Target
let bare: Target
beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'crucible-attacks-'))
  const options = (name: string, uidBase: number) => ({ slots, stateDir: join(stateDir, name), uidBase: isRoot ? uidBase : null })
  const engine = await namespacesEngine(options('engine', uidBases.engine))
  const unsafe = await processEngine({ ...options('process', uidBases.process), allowUnsafe: true })
  const { runtimes } = await offer({ engine, randomBytes }, readLanguages(), AbortSignal.timeout(60_000))
  guarded = { engine, runtimes, owners: owners(uidBases.engine), runnerSecrets, mark }
  chmodSync(stateDir, 0o711)
  const person = isRoot ? { uid: uidBases.naive, gid: uidBases.naive } : null
  const careless = (owner: Owner | null): Target => {
    const engine = naiveEngine({ slots, stateDir, bubblewrap: '/usr/bin/bwrap', owner })
    return { engine, runtimes, owners: owner ? [owner] : [], runnerSecrets, mark }
  }
  naive = careless(person)
  naiveRoot = isRoot ? careless(null) : null
  bare = { engine: unsafe, runtimes, owners: owners(uidBases.process), runnerSecrets, mark }
})
afterAll(async () => {
  const engines: (Engine | undefined)[] = [guarded?.engine, bare?.engine]
  await Promise.all(engines.map((engine) => engine?.close()))
  rmSync(stateDir, { recursive: true, force: true })
  expect(removeTraces(mark)).toEqual([]) // of anything that was started, whatever it made of itself
})

const listed = families.flatMap((family) => (applicable(family).length > 0 ? [[family, applicable(family)] as const] : []))

describe.for(listed)('%s', ([family, list]) => {
  const results = new Map<string, AttackResult>()
  beforeAll(async () => {
    for await (const result of attack(guarded, [family], AbortSignal.timeout(110_000))) results.set(result.id, result)
  })
  // One that looks for an inherited descriptor needs a runner that was started with one: apps/executor/src/attack/attack.test.ts.
  test.for(list.flatMap(({ id, runnerSecret }) => (runnerSecret === 'descriptor' ? [] : [id])))('%s is stopped', (id) => {
    expect(results.get(`${family}/${id}`)).toMatchObject({ outcome: 'stopped', detail: '' })
  })
})

describe.for(listed)('control of %s', ([family, list]) => {
  const results = new Map<string, ControlResult>()
  beforeAll(async () => {
    const targets = { process: bare, engine: guarded, naive, 'naive-root': naiveRoot }
    for await (const result of controls(targets, [family], AbortSignal.timeout(110_000))) results.set(result.id, result)
  })
  test.for(list.flatMap(({ id, control }) => ('without' in control ? [] : [id])))('%s is seen to succeed', (id, { skip }) => {
    const result = results.get(`${family}/${id}`)
    if (result?.outcome === 'skipped') skip(result.detail)
    expect(result).toMatchObject({ outcome: 'seen' })
  })
})

test('an attack has an id of its own and says why when it has no control', () => {
  const ids = families.flatMap((family) => attacks[family].map(({ id }) => `${family}/${id}`))
  expect(ids).toEqual([...new Set(ids)])
  for (const { control } of Object.values(attacks).flat()) if ('without' in control) expect(control.without).not.toBe('')
})

test('no attack is called stopped for its silence', () => {
  const silent = ({ stopped }: (typeof attacks)['escape'][number]) =>
    Object.keys(stopped).every((name) => name === 'atMost' || name === 'stdoutLacks')
  expect(Object.values(attacks).flat().filter(silent)).toEqual([])
})
