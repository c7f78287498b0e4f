import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { budget, measure, type Sizes } from './budget.ts'

let folder = ''
let sizes: Sizes

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crucible-web-'))
  await build({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder } })
  sizes = measure(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a first visit downloads no more script than the budget allows', () => {
  expect(sizes.entry.length).toBeGreaterThan(0)
  expect(sizes.entryScriptBytes).toBeLessThanOrEqual(budget.entryScriptBytes)
})

test('all styles together stay within their budget', () => {
  expect(sizes.styleBytes).toBeGreaterThan(0)
  expect(sizes.styleBytes).toBeLessThanOrEqual(budget.styleBytes)
})

test('the editor is not part of a first visit', () => {
  expect(sizes.entry.filter((file) => /code-?mirror/.test(file))).toEqual([])
  expect(sizes.allScriptBytes).toBeGreaterThan(sizes.entryScriptBytes * 1.5)
})
