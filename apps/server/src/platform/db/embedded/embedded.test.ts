/** The real thing, with its real ends: killed, killed outright, left behind, started twice. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDirectory } from './lock.ts'
import { stopOrphan } from './orphan.ts'
import { type Embedded, startEmbedded } from './start.ts'

const account = process.getuid?.() === 0 ? { uid: 64_997, gid: 64_997 } : null
const settings = { fsync: 'off' } // what these tests kill is PostgreSQL, not the machine

let folder: string
let open: Embedded[]
beforeEach(async () => {
  open = []
  folder = await mkdtemp(join(tmpdir(), 'crucible, "embedded" é%41-'))
  if (account !== null) await chown(folder, account.uid, account.gid)
})
afterEach(async () => {
  for (const embedded of open) await embedded.stop()
  await rm(folder, { recursive: true, force: true })
})

async function start(dataDir = folder): Promise<Embedded> {
  const embedded = await startEmbedded({ dataDir, account, database: 'crucible', settings })
  open.push(embedded)
  return embedded
}

async function query(embedded: Embedded, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: embedded.ownerUrl })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('what was committed is there after a stop and a start', async () => {
  const first = await start()
  await query(first, 'create table kept as select 1 as n')
  await first.stop()
  expect(await first.ended).toEqual({ code: 0, signal: null })
  expect(await query(await start(), 'select n from kept')).toEqual([{ n: 1 }])
})

test('nobody reaches it over TCP, without its password, or through its directories', async () => {
  const embedded = await start()
  expect(await query(embedded, 'show listen_addresses')).toEqual([{ listen_addresses: '' }])
  const stranger = new URL(embedded.ownerUrl)
  stranger.password = 'guess'
  const client = new Client({ connectionString: stranger.href })
  await expect(client.connect()).rejects.toThrow(/password authentication failed/)
  for (const name of ['postgres', 'postgres-socket']) expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o700)
  expect((await stat(join(folder, 'postgres-password'))).mode & 0o777).toBe(0o600)
})

test('after a kill -9 it recovers what was committed', async () => {
  const first = await start()
  await query(first, 'create table kept as select 1 as n')
  process.kill(first.pid, 'SIGKILL')
  expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' })
  expect(await query(await start(), 'select n from kept')).toEqual([{ n: 1 }])
})

test('one that was left behind is stopped cleanly before the next starts', async () => {
  const orphan = await start()
  await query(orphan, 'create table kept as select 1 as n')
  const next = await start()
  expect(await orphan.ended).toEqual({ code: 0, signal: null })
  expect(next.pid).not.toBe(orphan.pid)
  expect(await query(next, 'select n from kept')).toEqual([{ n: 1 }])
})

test('a lock file whose number now belongs to another program is removed, and the program is left alone', async () => {
  const first = await start()
  await first.stop()
  const bystander = spawn('sleep', ['60'])
  const lockFile = join(folder, 'postgres', 'postmaster.pid')
  await writeFile(lockFile, `${bystander.pid}\n${join(folder, 'postgres')}\n`)
  expect(await stopOrphan(join(folder, 'postgres'))).toBe('stale')
  expect(bystander.exitCode).toBeNull()
  await expect(readFile(lockFile)).rejects.toThrow(/ENOENT/)
  bystander.kill()
  await once(bystander, 'exit')
})

test('an interrupted first start is begun anew', async () => {
  await mkdir(join(folder, 'postgres.new'))
  await writeFile(join(folder, 'postgres.new', 'PG_VERSION'), '18\n')
  expect(await query(await start(), 'select 1 as n')).toEqual([{ n: 1 }])
})

test('a directory too deep for a socket has its socket elsewhere, as private', async () => {
  const deep = join(folder, 'a'.repeat(60), 'b'.repeat(60))
  await mkdir(deep, { recursive: true })
  for (const path of [join(folder, 'a'.repeat(60)), deep]) {
    await chmod(path, 0o755)
    if (account !== null) await chown(path, account.uid, account.gid)
  }
  const embedded = await start(deep)
  const socket = new URL(embedded.ownerUrl).searchParams.get('host') ?? ''
  expect(socket).toMatch(/^\/tmp\/crucible-[0-9a-f]{16}$/)
  expect((await stat(socket)).mode & 0o777).toBe(0o700)
  expect(await query(embedded, 'select 1 as n')).toEqual([{ n: 1 }])
  await embedded.stop()
  await rm(socket, { recursive: true })
})

test('a data directory has one owner at a time, by whatever path it is reached', async () => {
  const lock = await lockDirectory(folder)
  expect(lock).not.toBeNull()
  expect(await lockDirectory(`${folder}/../${folder.split('/').at(-1)}`)).toBeNull()
  await lock?.release()
  const again = await lockDirectory(folder)
  expect(again).not.toBeNull()
  await again?.release()
})

test('the lock of a process that was killed is gone with it', async () => {
  const code = `import { lockDirectory } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))}
    await lockDirectory(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1e6)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  expect(await lockDirectory(folder)).toBeNull()
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const lock = await lockDirectory(folder)
  expect(lock).not.toBeNull()
  await lock?.release()
})
