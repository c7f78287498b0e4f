/** `crucible attack` as a process: what it holds, what it leaves, and the traps that need a runner of their own. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAttackConfig } from './config.ts'

const main = join(import.meta.dirname, 'main.ts')
const leakedDescriptor = 251 // lower ones Node closes for its children by itself
const uidBase = 1_700_010_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crucible-attack-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

type Line = Readonly<Record<string, unknown>>

/** Started in a temporary directory of its own, so that what it leaves can be seen. */
function start(flags: readonly string[]) {
  const secret = randomBytes(16).toString('hex')
  writeFileSync(join(folder, 'secret'), secret)
  const leaked = openSync(join(folder, 'secret'), 'r')
  rmSync(join(folder, 'secret'))
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, '--runner-secret', secret, '--uid-base', String(uidBase), ...flags],
    {
      env: { TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit', ...Array.from({ length: leakedDescriptor - 3 }, () => 'ignore' as const), leaked],
    },
  )
  closeSync(leaked)
  return child
}

async function* linesOf(child: ReturnType<typeof start>): AsyncGenerator<Line> {
  if (child.stdout === null) throw new Error('started without a pipe')
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line) as Line // our own lines
}

test('every trap is stopped, and each was seen in a sandbox that falls into it', async () => {
  const child = start(['--family', 'traps', '--controls'])
  const lines: Line[] = []
  for await (const line of linesOf(child)) lines.push(line)
  expect(lines[0]).toMatchObject({ type: 'started', engine: { name: 'namespaces' } })
  expect(lines.at(-1)).toEqual({ type: 'finished' })
  const attacks = lines.filter(({ type }) => type === 'attack')
  expect(attacks.length).toBe(lines[0]?.['attacks'])
  expect(attacks.filter(({ outcome }) => outcome !== 'stopped')).toEqual([])
  const seen = lines.flatMap(({ type, id, outcome }) => (type === 'control' && outcome === 'seen' ? [id] : []))
  expect(seen).toEqual(
    expect.arrayContaining(['traps/runner-environment', 'traps/inherited-descriptor', 'traps/count-of-processes']),
  )
  expect(lines.filter(({ outcome }) => outcome === 'blind')).toEqual([])
})

test('one that is told to stop ends its sandboxes and leaves nothing', async () => {
  const child = start(['--family', 'network'])
  const exited = once(child, 'exit')
  for await (const line of linesOf(child)) if (line['type'] === 'attack') child.kill('SIGTERM')
  expect(await exited).toEqual([1, null])
  expect(readdirSync(folder)).toEqual([])
})

test('an engine that cannot be had is an obstacle with a remedy', async () => {
  const child = start(['--engine', 'process'])
  const lines: Line[] = []
  for await (const line of linesOf(child)) lines.push(line)
  expect(lines).toMatchObject([{ type: 'failed', isUsage: false }])
})

test('odd flags are named', () => {
  expect(() => readAttackConfig(['--family', 'nonsense'])).toThrow('--family 0 is one of escape')
  expect(() => readAttackConfig(['--slots', '0'])).toThrow('--slots is a whole number from 1')
  expect(() => readAttackConfig(['--nonsense'])).toThrow('--nonsense')
  expect(readAttackConfig([])).toMatchObject({ engine: 'namespaces', slots: 4, controls: false })
})
