import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { engineNames, isolations } from '../spec.ts'
import { engines, reportEngines } from './catalogue.ts'

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
const options = { slots: 1, stateDir: '/nonexistent', uidBase: null, allowUnsafe: false, settings: {} }

test('every folder is an engine of the catalogue, and every engine has a folder', () => {
  expect(engines.map(({ name }) => name).sort()).toEqual(folders.sort())
  expect(engines.map(({ name }) => name)).toEqual([...engineNames])
})

test.for(folders)('%s is asked everything that an engine must hold', (folder) => {
  expect(existsSync(join(import.meta.dirname, folder, 'conformance.test.ts'))).toBe(true)
})

test('no two engines read the same flag', () => {
  const flags = engines.flatMap(({ settings }) => Object.keys(settings))
  expect(new Set(flags).size).toBe(flags.length)
})

test('each engine is reported: available, or why not and what mends it', async () => {
  const reports = await reportEngines(options)
  expect(reports.map(({ name }) => name)).toEqual([...engineNames])
  for (const { isolation, obstacle } of reports) {
    expect(isolations).toContain(isolation)
    if (obstacle !== null) expect(obstacle).toEqual({ reason: expect.stringMatching(/\S/), remedy: expect.stringMatching(/\S/) })
  }
  expect(reports.find(({ name }) => name === 'process')?.obstacle).toEqual({
    reason: expect.stringContaining('isolates nothing'),
    remedy: expect.stringContaining('CRUCIBLE_ALLOW_UNSAFE_ENGINE=yes'),
  })
})

test('the guide has a row for each engine, with its level, and names each flag', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guides/engines.md'), 'utf8')
  const rows = guide.split('\n').filter((line) => line.startsWith('|'))
  for (const { name, isolation, settings } of engines) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\``) || line.startsWith(`| [\`${name}\``))
    expect(row, name).toBeDefined()
    if (name !== 'kubernetes') expect(row).toContain(`\`${isolation}\``) // its level is its RuntimeClass's
    for (const flag of Object.keys(settings)) expect(guide, flag).toContain(`--${flag}`)
  }
})
