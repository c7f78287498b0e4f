import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './run.mjs'

const server = `
let signals = 0
process.on('SIGINT', stop).on('SIGTERM', stop)
const alive = setInterval(() => {}, 1000)
function stop(signal) { signals++; console.log(signal); if (signals === 1) setTimeout(() => { console.log('signals ' + signals); clearInterval(alive) }, 300) }
console.log('ready')
`
const wrapper = `
import { command } from ${JSON.stringify(join(import.meta.dirname, 'report.mjs'))}
import { handOver } from ${JSON.stringify(join(import.meta.dirname, 'run.mjs'))}
await command(() => handOver(process.execPath, ['server.mjs', ...process.argv.slice(2)], { cwd: import.meta.dirname }))
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crucible-run-'))
  await writeFile(join(folder, 'server.mjs'), server)
  await writeFile(join(folder, 'wrapper.mjs'), wrapper)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { start: 'exec node wrapper.mjs' } }))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm reaches the program once, and npm ends with its exit code',
  async (signal) => {
    const npm = spawn('npm', ['start', '--silent'], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
    const printed = await until(npm, 'ready')
    npm.kill(signal)
    const [code] = await once(npm, 'close')
    expect(printed.text).toContain('signals 1')
    expect(code).toBe(0)
  },
)

test('a step that fails keeps what it printed on both streams', async () => {
  const result = await run(process.execPath, ['-e', 'console.log(1); console.error(2); process.exit(3)'], { timeoutMs: 30_000 })
  expect(result).toEqual({ ok: false, output: expect.stringMatching(/1[\s\S]*2|2[\s\S]*1/) })
})

test('a step that hangs is ended at its deadline and says so', async () => {
  const result = await run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 })
  expect(result).toEqual({ ok: false, output: expect.stringContaining('was ended after 0.2 s') })
})

/** Resolves when the child has printed `word`; the text goes on growing. */
function until(child: ChildProcess, word: string): Promise<{ text: string }> {
  const printed = { text: '' }
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed.text += chunk.toString()
      if (printed.text.includes(word)) resolve(printed)
    })
    child.on('close', () => reject(new Error(`ended before it printed ${word}: ${printed.text}`)))
  })
}
