/** `crucible attack` as a user starts it, on this very machine. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../../packages/testkit/src/cli.ts'

const uidBase = '1700020000'
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crucible-attack-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** It needs no server: there is none at this address. */
const crucible = (...args: string[]) =>
  runCli({ url: 'http://127.0.0.1:1', dataDir: folder }, ['attack', '--uid-base', uidBase, ...args])

test('attacks that are stopped end with 0, a table, a verdict and three reports', async () => {
  const { code, stdout, stderr } = await crucible('--family', 'escape', '--report', join(folder, 'reports'))
  expect({ code, stderr }, stdout.toString()).toEqual({ code: 0, stderr: '' })
  expect(stdout.toString()).toMatch(/^Attacking namespaces /)
  expect(stdout.toString()).toMatch(/^escape +\d+ +0 +0$/m)
  expect(stdout.toString()).toMatch(/^Stopped: (\d+) of \1 attacks on namespaces, and none got out\./m)
  const read = (name: string) => readFileSync(join(folder, 'reports', name), 'utf8')
  expect(JSON.parse(read('attack.json'))).toMatchObject({ version: 1, outcome: 'stopped', counts: { escaped: 0, skipped: 0 } })
  expect(read('attack.junit.xml')).toContain('<testsuite name="escape"')
  expect(read('attack.html')).toContain('Stopped:')
})

test('an engine that isolates nothing does not pass', async () => {
  const { code, stdout } = await crucible('--engine', 'process', '--allow-unsafe-engine', '--family', 'escape')
  expect(code).toBe(1)
  expect(stdout.toString()).toContain('ESCAPED  escape/host-file: ')
  expect(stdout.toString()).toMatch(/^ESCAPED: \d+ of \d+ attacks were not stopped by process\./m)
})

test('what is wrong on the command line, and an engine that cannot be had, are told apart from an escape', async () => {
  expect(await crucible('--family', 'nonsense')).toMatchObject({ code: 2, stderr: expect.stringContaining('There are escape,') })
  expect(await crucible('--engine', 'nonsense')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is one of namespaces,'),
  })
  expect(await crucible('--engine', 'process')).toMatchObject({ code: 125, stderr: expect.stringContaining('isolates nothing') })
})

test('the list says what each attack tries, and runs nothing', async () => {
  const { code, stdout } = await crucible('--list', '--family', 'traps')
  expect(code).toBe(0)
  expect(stdout.toString()).toMatch(/^traps\/started-by-root +python +Writes kernel settings/m)
})
