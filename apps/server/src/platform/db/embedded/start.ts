import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, chown, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Binaries, findBinaries } from './binaries.ts'
import { type Account, environment, run, wrap } from './command.ts'
import { stopOrphan } from './orphan.ts'
import { type Places, placesOf, privateDirectory } from './places.ts'

export type EmbeddedOptions = {
  readonly dataDir: string // absolute; the caller holds its lock
  readonly account: Account
  /** Its name, in lower case letters and underscores; made with the cluster. */
  readonly database: string
  /** Server settings on top of ours; tests give up durability for speed. */
  readonly settings?: Readonly<Record<string, string>>
  readonly onLine?: (line: string) => void
}
export type Embedded = {
  readonly ownerUrl: string
  readonly pid: number
  /** Settles when PostgreSQL is gone, for whatever reason. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Fast shutdown: sessions are ended, everything committed is on disk. */
  stop(): Promise<void>
}

const owner = 'crucible_owner'
const startMs = 60_000 // recovery after a kill has taken 2 s here; a large one may take long
const stopMs = 20_000

/** What one machine needs; no TCP port at all, and a small memory footprint at rest. */
const settings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
}

/** Starts PostgreSQL in `dataDir`, making its cluster on the first start, and resolves when it accepts connections. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { account, dataDir } = options
  const binaries = await findBinaries()
  const places = placesOf(dataDir)
  await privateDirectory(places.socket, account)
  const password = await ensurePassword(places, account)
  if (!(await exists(join(places.cluster, 'PG_VERSION')))) await initialize(binaries, places, options)
  else await stopOrphan(places.cluster)
  // Nobody of ours lives, so what a killed postmaster left there means nothing; its number may be another process's by now,
  // or its own until init has buried it, and PostgreSQL would refuse to start.
  for (const name of ['.s.PGSQL.5432.lock', '.s.PGSQL.5432']) await rm(join(places.socket, name), { force: true })
  const child = await launch(binaries.postgres, places, options)
  const url = new URL('postgresql://localhost/')
  Object.assign(url, { username: owner, password, pathname: `/${options.database}` })
  url.searchParams.set('host', places.socket)
  return control(child, url.href)
}

async function ensurePassword(places: Places, account: Account): Promise<string> {
  if (!(await exists(places.passwordFile))) {
    await writeFile(places.passwordFile, randomBytes(32).toString('base64url'), { mode: 0o600 })
    if (account !== null) await chown(places.passwordFile, account.uid, account.gid)
  }
  return (await readFile(places.passwordFile, 'utf8')).trim()
}

/** Made aside and renamed, database included, so that an interrupted first start leaves nothing that looks finished. */
async function initialize({ initdb, postgres }: Binaries, places: Places, { account, database }: EmbeddedOptions): Promise<void> {
  const unfinished = `${places.cluster}.new`
  await rm(unfinished, { recursive: true, force: true })
  await privateDirectory(unfinished, account)
  const args = ['--username', owner, '--auth', 'scram-sha-256', '--pwfile', places.passwordFile, '--encoding', 'UTF8']
  await run(account, await wrap(account, [initdb, '--pgdata', unfinished, ...args, '--locale', 'C', '--no-instructions']))
  await run(account, await wrap(account, [postgres, '--single', '-D', unfinished, 'postgres']), `create database ${database}\n`)
  await rename(unfinished, places.cluster)
}

async function launch(
  postgres: string,
  places: Places,
  { account, settings: extra, onLine }: EmbeddedOptions,
): Promise<ChildProcess> {
  const socket = `"${places.socket.replaceAll('"', '""')}"` // a list to PostgreSQL: quoted, a comma is part of the path
  const set = Object.entries({ ...settings, unix_socket_directories: socket, ...extra }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  // The parent-death signal is a fast shutdown: who kills the server outright leaves no database behind.
  const command = await wrap(account, ['setpriv', '--pdeathsig', 'INT', '--', postgres, '-D', places.cluster, ...set])
  const [file = '', ...args] = command
  const child = spawn(file, args, {
    ...account,
    env: environment,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // Ctrl-C reaches the terminal's process group; the database must outlive the server's draining
  })
  await ready(child, onLine ?? (() => {}))
  return child
}

function ready(child: ChildProcess, onLine: (line: string) => void): Promise<void> {
  const last: string[] = []
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`PostgreSQL did not start: ${why}. It said: ${last.join(' | ')}`))
    const timer = setTimeout(() => {
      child.kill('SIGQUIT')
      fail(`not ready within ${startMs} ms`)
    }, startMs)
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      fail(`it ended with ${code ?? signal}`)
    })
    // stderr is a pipe: see `stdio` of `launch`
    createInterface({ input: child.stderr as NonNullable<typeof child.stderr> }).on('line', (line) => {
      onLine(line)
      if (last.push(line) > 10) last.shift()
      if (!line.includes('database system is ready to accept connections')) return
      clearTimeout(timer)
      resolve()
    })
  })
}

function control(child: ChildProcess, ownerUrl: string): Embedded {
  const ended: Embedded['ended'] = new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve({ code: child.exitCode, signal: child.signalCode })
    else child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  return {
    ownerUrl,
    pid: child.pid ?? 0, // it said that it is ready, so it has one
    ended,
    async stop() {
      child.kill('SIGINT')
      const timer = setTimeout(() => child.kill('SIGQUIT'), stopMs)
      await ended
      clearTimeout(timer)
    },
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
