/** For the test of each engine: makes it as the catalogue does, and asks it every case. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { EngineOptions, FoundEngine } from '../engine.ts'
import type { EngineEntry } from '../engines/entry.ts'
import { readLanguages } from '../languages/catalogue.ts'
import { offer } from '../languages/offer.ts'
import type { Runtime } from '../languages/runtime.ts'
import { MissingProgram, Obstacle } from '../obstacle.ts'
import { ask, cases, whyNotAsked } from './index.ts'

const startMs = 60_000
const caseMs = 60_000
const slots = 2

declare module 'vitest' {
  interface ProvidedContext {
    isEverythingRequired: boolean // vitest.config.ts
  }
}

export type EngineUnderTest = { readonly uidBase: number } & Partial<EngineOptions>

/**
 * Says aloud why an engine cannot be tested here. With CI set a program that apt brings may not be missing; a machine without
 * root, or without what no package brings, is declared and stays so.
 */
export async function availableHere(entry: EngineEntry, given: EngineUnderTest): Promise<boolean> {
  try {
    await entry.check(optionsOf(entry, given, tmpdir()), AbortSignal.timeout(startMs))
    return true
  } catch (cause) {
    if (!(cause instanceof Obstacle) || (cause instanceof MissingProgram && inject('isEverythingRequired'))) throw cause
    process.stderr.write(`Not tested here: the engine ${entry.name} is not available, because: ${cause.message}\n`)
    return false
  }
}

const optionsOf = (entry: EngineEntry, given: EngineUnderTest, stateDir: string): EngineOptions => ({
  slots,
  stateDir,
  allowUnsafe: entry.isolation === 'none',
  settings: {},
  ...given,
  uidBase: process.geteuid?.() === 0 ? given.uidBase : null,
})

/** Declares the tests; they are skipped by name where the engine cannot be had. `uidBase` is a range that no other test uses. */
export async function holdsConformance(entry: EngineEntry, given: EngineUnderTest): Promise<void> {
  const isAvailable = await availableHere(entry, given)

  describe.runIf(isAvailable)(entry.name, () => {
    let engine: FoundEngine
    let python: Runtime
    let stateDir: string
    beforeAll(async () => {
      stateDir = await mkdtemp(join(tmpdir(), `crucible-${entry.name}-`))
      engine = await entry.make(optionsOf(entry, given, stateDir))
      const languages = readLanguages().filter(({ name }) => name === 'python')
      const { runtimes, unavailable } = await offer({ engine, randomBytes }, languages, AbortSignal.timeout(startMs))
      const [found] = runtimes
      if (!found) throw new Error(`Python is not offered: ${JSON.stringify(unavailable)}`)
      python = found
    }, startMs)
    afterAll(async () => {
      await engine?.close() // undefined when it could not be made
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
