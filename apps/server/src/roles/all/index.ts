/** Role `all`: one command, one machine. A small process that owns the others and does nothing else. */
import { statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import { type Account, lockDirectory, startEmbedded } from '../../platform/db/embedded/index.ts'
import { chooseAccount, prepareDataDir } from './account.ts'
import { adminKeyFile } from './admin-key.ts'
import { announcement } from './announce.ts'
import { prepareExecutor, startExecutor } from './executor.ts'
import { canReach, restartWithMounts } from './own-mounts.ts'
import { startServer } from './server.ts'
import { type Kept, keep } from './supervise.ts'

const checkout = resolve(import.meta.dirname, '../../../../..')

/** Runs until it is told to stop. Gives the exit code. */
export async function runAll(config: Config): Promise<number> {
  const dataDir = resolve(config.settings.CRUCIBLE_DATA_DIR)
  const account = await chooseAccount(dataDir, config.settings.CRUCIBLE_UID_BASE)
  await prepareDataDir(dataDir, account)
  if (account !== null && config.inside === null) {
    const needs = { checkout, node: process.execPath, dataDir }
    if (!(await canReach(account, needs))) return restartWithMounts(needs, config.given)
  }
  const lock = await lockDirectory(dataDir)
  if (lock === null) {
    say(`Another Crucible is running on ${config.inside ?? dataDir}: stop it, or set CRUCIBLE_DATA_DIR to another directory.`)
    return 1
  }
  const stopAsked = new Promise<null>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => done(null))
  })
  return supervise(config, dataDir, account, stopAsked)
}

async function supervise(config: Config, dataDir: string, account: Account, stopAsked: Promise<null>): Promise<number> {
  const parts: Kept[] = []
  let isStopping = false
  const add = (name: string, start: Parameters<typeof keep>[1]) => {
    if (isStopping) throw new Error('stopping') // asked for in the middle of the start; nobody hears this
    const part = keep(name, start, say)
    parts.push(part)
    return part
  }
  const run = async (): Promise<string | null> => {
    const database = startDatabase(config, dataDir, account, add)
    const places = await prepareExecutor(dataDir, account)
    const executor = add('the executor', (stopping) => startExecutor(checkout, places, config.settings, account, stopping))
    const ownerUrl = await database
    const executors = [places.socket, places.tokenFile].map(encodeURIComponent).join('=').replaceAll('%2F', '/')
    let url = ''
    const onReady = (at: string) => {
      url = at
    }
    const server = add('the server', (stopping) =>
      startServer({ config, checkout, dataDir, account, ownerUrl, executors, onReady }, stopping),
    )
    await Promise.all([server.started, executor.started])
    const keyFile = shownKeyFile(config, dataDir)
    const keyOption = isDefault(dataDir) ? null : keyFile
    process.stdout.write(announcement({ url, keyFile, keyOption, tookMs: process.uptime() * 1_000 }))
    return Promise.race([stopAsked, ...parts.map(({ givenUp }) => givenUp)])
  }
  const failure = await Promise.race([stopAsked, run()]).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  )
  isStopping = true
  for (const part of parts.toReversed()) await part.stop() // the server drains first, the database goes last
  if (failure === null) return 0
  say(failure)
  return 1
}

async function startDatabase(
  config: Config,
  dataDir: string,
  account: Account,
  add: (name: string, start: Parameters<typeof keep>[1]) => Kept,
): Promise<string> {
  const given = config.settings.DATABASE_URL
  if (given !== null) return given
  let ownerUrl = ''
  const part = add('PostgreSQL', async () => {
    const embedded = await startEmbedded({ dataDir, account, database: 'crucible' })
    ownerUrl = embedded.ownerUrl
    return { ended: embedded.ended.then(({ code, signal }) => signal ?? `exit code ${code}`), stop: embedded.stop }
  })
  await part.started
  return ownerUrl
}

/** As the person who started it would write it. */
function shownKeyFile({ inside }: Config, dataDir: string): string {
  const file = adminKeyFile(inside ?? dataDir)
  const near = relative(process.cwd(), file)
  return inside !== null || near.startsWith('..') ? file : near
}

/** By what it is, not by its path: under root both lie below mounts of our own, where no path tells. */
function isDefault(dataDir: string): boolean {
  const [ours, usual] = [dataDir, resolve(checkout, 'data')].map((path) => statSync(path, { throwIfNoEntry: false }))
  return ours !== undefined && ours.dev === usual?.dev && ours.ino === usual.ino
}

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)
