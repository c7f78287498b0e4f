/** The executor as a process: what it holds, and when it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'

const main = join(import.meta.dirname, 'main.ts')
const directories: string[] = []
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function argumentsIn(directory: string): string[] {
  writeFileSync(join(directory, 'token'), 'a-token-of-sufficient-length', { mode: 0o600 })
  const at = (name: string) => join(directory, name)
  return [
    '--disable-warning=ExperimentalWarning',
    main,
    '--socket',
    at('s'),
    '--token-file',
    at('token'),
    '--state',
    at('state'),
    '--slots',
    '1',
  ]
}
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'crucible-main-'))
  directories.push(directory)
  return directory
}
async function ready(child: ChildProcess): Promise<void> {
  if (child.stderr === null) throw new Error('started without a pipe')
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('"ready"')) return
  throw new Error('it ended before it was ready')
}

test('it starts with an empty environment, keeps few privileges, and ends with 0 on SIGTERM', async () => {
  const child = spawn(process.execPath, argumentsIn(newDirectory()), { env: {}, stdio: ['ignore', 'ignore', 'pipe'] })
  await ready(child)
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  const effective = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status)?.[1]}`)
  const never = [4, 12, 16, 17, 19, 22, 24, 25] // kill-any-limit classics: net_admin, modules, raw I/O, ptrace, boot, resources, clock
  for (const bit of never) expect(effective & (1n << BigInt(bit)), `capability ${bit}`).toBe(0n)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('when its attendant is killed it ends, so that it is started again and spoils no job', async () => {
  const directory = newDirectory()
  const child = spawn(process.execPath, argumentsIn(directory), { env: {}, stdio: ['ignore', 'ignore', 'pipe'] })
  await ready(child)
  const [attendant] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')
  process.kill(Number(attendant), 'SIGKILL')
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(readdirSync(join(directory, 'state'))).toEqual([]) // no cgroup is left that the next one would have to remove
})

test('it does not outlive its parent', async () => {
  const directory = newDirectory()
  // The parent is a program of its own, killed in a way that leaves it no last word.
  const script = `const { spawn } = require('node:child_process'); const c = spawn(process.execPath, ${JSON.stringify(argumentsIn(directory))}, { env: {}, stdio: ['ignore', 'ignore', 'inherit'] }); console.log(c.pid)`
  const parent = spawn(process.execPath, ['-e', script], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
  const [pid] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string] // as console.log wrote it
  await ready(parent)
  parent.kill('SIGKILL')
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setImmediate(resolve))
})

test('an odd flag stops the start with a sentence', async () => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, '--slots', 'many'], {
    env: {},
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said: string[] = []
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => said.push(chunk))
  expect(await once(child, 'close')).toEqual([1, null])
  expect(said.join('')).toContain('--slots')
})
