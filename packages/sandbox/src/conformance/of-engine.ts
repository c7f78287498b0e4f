/** For the test of each engine: makes it as the catalogue does, and asks it every case. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EngineOptions, FoundEngine } from '../engine.ts'
import type { EngineEntry } from '../engines/entry.ts'
import { readLanguages } from '../languages/catalogue.ts'
import { offer } from '../languages/offer.ts'
import type { Runtime } from '../languages/runtime.ts'
import { Obstacle } from '../obstacle.ts'
import { ask, cases, whyNotAsked } from './index.ts'

const startMs = 60_000
const caseMs = 60_000
const slots = 2

/**
 * Declares the tests. Where the engine cannot be had, they are skipped by name and the reason is printed; with CI set, or
 * where `npm test` would have installed what is missing, that is a failure. `uidBase` is a range that no other test uses.
 */
export async function holdsConformance(entry: EngineEntry, given: { uidBase: number } & Partial<EngineOptions>): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), `crucible-${entry.name}-`))
  const options: EngineOptions = {
    slots,
    stateDir,
    allowUnsafe: entry.isolation === 'none',
    settings: {},
    ...given,
    uidBase: process.geteuid?.() === 0 ? given.uidBase : null,
  }
  const obstacle = await obstacleOf(entry, options)
  if (obstacle && !process.env['CI']) {
    process.stderr.write(`Not tested here: the engine ${entry.name} is not available, because: ${obstacle.message}\n`)
    test.skipIf(true)(`${entry.name} is not available: ${obstacle.reason}`, () => {})
    afterAll(() => rm(stateDir, { recursive: true, force: true }))
    return
  }

  describe(entry.name, () => {
    let engine: FoundEngine
    let python: Runtime
    beforeAll(async () => {
      engine = await entry.make(options)
      const languages = readLanguages().filter(({ name }) => name === 'python')
      const { runtimes, unavailable } = await offer({ engine, randomBytes }, languages, AbortSignal.timeout(startMs))
      const [found] = runtimes
      if (!found) throw new Error(`Python is not offered: ${JSON.stringify(unavailable)}`)
      python = found
    }, startMs)
    afterAll(async () => {
      await engine.close()
      await rm(stateDir, { recursive: true })
    })

    test('is what the catalogue says', () => {
      expect({ name: engine.name, isolation: engine.isolation }).toEqual({ name: entry.name, isolation: entry.isolation })
      expect(engine.cannot.length).toBeGreaterThan(0) // none can everything
    })
    for (const [area, list] of Object.entries(cases)) {
      test.for(list.map((each) => [each.name, each] as const))(`${area}: %s`, { timeout: caseMs }, async ([, each], context) => {
        const declared = whyNotAsked(engine, each)
        if (declared !== null) context.skip(declared)
        expect(await ask(engine, python, each, context.signal)).toEqual({ outcome: 'held', detail: '' })
      })
    }
  })
}

async function obstacleOf(entry: EngineEntry, options: EngineOptions): Promise<Obstacle | null> {
  try {
    await entry.check(options, AbortSignal.timeout(startMs))
    return null
  } catch (cause) {
    if (cause instanceof Obstacle) return cause
    throw cause
  }
}
