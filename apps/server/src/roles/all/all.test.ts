/** The whole product as `npm start` runs it, with each of its processes killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Product, startProduct } from '../../../../../packages/testkit/src/product.ts'

const checkout = join(import.meta.dirname, '../../../../..')

let folder: string
let dataDir: string
let product: Product
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crucible-all-'))
  dataDir = join(folder, 'data')
  product = await start()
})
afterAll(async () => {
  await product.stop()
  await rm(folder, { recursive: true, force: true })
})

const start = () => startProduct({ dataDir, env: { CRUCIBLE_SLOTS: '1' } })
const key = async () => (await readFile(join(dataDir, 'admin-key'), 'utf8')).trim()

async function answer42(): Promise<unknown> {
  const response = await fetch(`${product.url}/api/v1/evaluations?wait=30`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await key()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ language: 'python', code: 'print(6 * 7)' }),
  })
  return ((await response.json()) as { verdict: unknown }).verdict
}

type Process = { readonly pid: number; readonly parent: number; readonly uid: number; readonly command: string }

async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [status, command] = await Promise.all([
        readFile(`/proc/${pid}/status`, 'utf8'),
        readFile(`/proc/${pid}/cmdline`, 'utf8'),
      ]).catch(() => ['', ''])
      const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
      return { pid: Number(pid), parent: field('PPid'), uid: field('Uid'), command: command.replaceAll('\0', ' ') }
    }),
  )
  return found.filter(({ command }) => command !== '')
}

async function part(name: 'postgres' | 'executor' | 'serve'): Promise<Process> {
  const marks = { postgres: '/native/bin/postgres', executor: 'apps/executor/src/main.ts', serve: 'main.ts serve' }
  const found = (await processes()).find(({ parent, command }) => parent === product.server.pid && command.includes(marks[name]))
  if (found === undefined) throw new Error(`no ${name} below ${product.server.pid}`)
  return found
}

async function readyAgain(after: Process): Promise<void> {
  for (const deadline = AbortSignal.timeout(60_000); ; await delay(50, undefined, { signal: deadline })) {
    const isGone = (await processes()).every(({ pid, command }) => pid !== after.pid || command !== after.command)
    const response = isGone ? await fetch(`${product.url}/readyz`).catch(() => null) : null
    if (response?.ok) return
  }
}

test('it judges a program, with each part as the user that it needs', async () => {
  expect(await answer42()).toBe('accepted')
  const [postgres, executor, serve] = [await part('postgres'), await part('executor'), await part('serve')]
  expect(await readFile(`/proc/${executor.pid}/environ`, 'utf8')).toBe('')
  const me = process.getuid?.()
  expect([postgres.uid, serve.uid].map((uid) => (me === 0 ? uid > 0 : uid === me))).toEqual([true, true])
  expect(postgres.uid).toBe(serve.uid)
  const file = await stat(join(dataDir, 'admin-key'))
  expect([file.mode & 0o777, file.uid]).toEqual([0o600, me])
})

test('a second one on the same data is refused with a sentence', async () => {
  const second = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'apps/server/src/main.ts', 'all'], {
    cwd: checkout,
    env: { PATH: process.env['PATH'], PORT: '0', CRUCIBLE_DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  second.stderr.on('data', (chunk: Buffer) => (said += chunk))
  const [code] = await once(second, 'exit')
  expect([code, said]).toEqual([
    1,
    `Another Crucible is running on ${dataDir}: stop it, or set CRUCIBLE_DATA_DIR to another directory.\n`,
  ])
})

test.each(['serve', 'executor', 'postgres'] as const)('kill -9 of %s is mended by itself', async (name) => {
  const victim = await part(name)
  process.kill(victim.pid, 'SIGKILL')
  await readyAgain(victim)
  expect(await answer42()).toBe('accepted')
  expect((await part(name)).pid).not.toBe(victim.pid)
})

test('kill -9 of the supervising process leaves nothing behind, and the next start goes on where it was', async () => {
  const parts = [await part('postgres'), await part('executor'), await part('serve')]
  const before = await key()
  product.server.kill('SIGKILL')
  for (const deadline = AbortSignal.timeout(60_000); ; await delay(50, undefined, { signal: deadline })) {
    const alive = await processes()
    if (parts.every(({ pid, command }) => alive.every((other) => other.pid !== pid || other.command !== command))) break
  }
  product = await start()
  expect(await answer42()).toBe('accepted')
  expect(await key()).toBe(before)
})

test('SIGTERM stops every part cleanly and exits 0', async () => {
  const children = (await processes()).filter(({ parent }) => parent === product.server.pid)
  const exit = once(product.server, 'exit')
  product.server.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
  const alive = await processes()
  expect(children.filter((child) => alive.some(({ pid, command }) => pid === child.pid && command === child.command))).toEqual([])
  await expect(readFile(join(dataDir, 'postgres', 'postmaster.pid'))).rejects.toThrow(/ENOENT/)
})
