/** Every attack that can be forked is, and is stopped as one that was started: a run must not see, harm or help another. */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type AttackResult, attack, families, removeTraces } from '../../../attacks/index.ts'
import { readLanguages } from '../../../languages/catalogue.ts'
import { offer } from '../../../languages/offer.ts'
import { namespacesEngine } from '../index.ts'

const slots = 4
const uidBase = 1_650_300_000
const isRoot = process.geteuid?.() === 0

test('no attack gets out of a forked run', { timeout: 240_000 }, async ({ signal }) => {
  const runnerSecrets = { environment: randomBytes(16).toString('hex') }
  process.env['CRUCIBLE_ATTACK_DECOY'] = runnerSecrets.environment
  const mark = randomBytes(8).toString('hex')
  const stateDir = mkdtempSync(join(tmpdir(), 'crucible-fork-attacks-'))
  chmodSync(stateDir, 0o711)
  const engine = await namespacesEngine({ slots, stateDir, uidBase: isRoot ? uidBase : null, forkServers: 'always' })
  const escaped: AttackResult[] = []
  let stopped = 0
  try {
    const forkable = readLanguages().filter(({ run }) => run.fork !== null)
    const { runtimes } = await offer({ engine, randomBytes }, forkable, signal)
    const owners = isRoot ? Array.from({ length: slots }, (_, slot) => ({ uid: uidBase + slot, gid: uidBase + slot })) : []
    for await (const result of attack({ engine, runtimes, owners, runnerSecrets, mark }, families, signal)) {
      if (result.outcome === 'stopped') stopped++
      if (result.outcome === 'escaped') escaped.push(result)
    }
  } finally {
    await engine.close()
    rmSync(stateDir, { recursive: true, force: true })
  }
  expect(escaped).toEqual([])
  expect(stopped).toBeGreaterThan(200) // the rest is in languages that are not forked
  expect(removeTraces(mark)).toEqual([])
})
