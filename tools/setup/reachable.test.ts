import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const script = `
import { othersEnter, runWhereOthersReach } from ${JSON.stringify(join(import.meta.dirname, 'reachable.mjs'))}
const elsewhere = await runWhereOthersReach(import.meta.dirname, 'script.mjs')
if (elsewhere === undefined) console.log(JSON.stringify({ at: import.meta.dirname, open: othersEnter(import.meta.dirname), args: process.argv.slice(2) }))
process.exitCode = elsewhere ?? 7
`

let closed: string
let folder: string
beforeAll(async () => {
  closed = await mkdtemp(join(tmpdir(), 'crucible reach ')) // closed to others, as /root is
  folder = join(closed, 'checkout')
  await mkdir(folder, { mode: 0o755 })
  await writeFile(join(folder, 'script.mjs'), script)
})
afterAll(() => rm(closed, { recursive: true, force: true }))

async function run() {
  const child = spawn(process.execPath, [join(folder, 'script.mjs'), 'a b'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk))
  const [code] = await once(child, 'close')
  return { code, ...(JSON.parse(printed) as { at: string; open: boolean; args: string[] }) } // our own script
}

test('root works where others reach the checkout, an ordinary user where it is, and nothing stays mounted', async () => {
  const { code, at, open, args } = await run()
  const isRoot = process.getuid?.() === 0
  expect([code, args]).toEqual([7, ['a b']])
  expect(open).toBe(isRoot)
  expect(at === folder).toBe(!isRoot)
  if (isRoot) expect(existsSync(at)).toBe(false)
})

test('where others reach the checkout already, nothing is mounted', async () => {
  await chmod(closed, 0o755)
  expect((await run()).at).toBe(folder)
})
