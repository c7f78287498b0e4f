/** Role `all`: one command, one machine. A small process that owns the others and does nothing else. */
import { join, relative, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import { type Account, lockDirectory, startEmbedded } from '../../platform/db/embedded/index.ts'
import { chooseAccount, prepareDataDir } from './account.ts'
import { adminKeyFile, writeAdminKey } from './admin-key.ts'
import { announcement } from './announce.ts'
import { startChild } from './child.ts'
import { prepareExecutor, startExecutor } from './executor.ts'
import { asFromServer } from './messages.ts'
import { canReach, restartWithMounts } from './own-mounts.ts'
import { type Kept, keep, type Running } from './supervise.ts'

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
  const add = (name: string, start: () => Promise<Running>) => {
    const part = keep(name, start, say)
    parts.push(part)
    return part
  }
  const run = async (): Promise<string | null> => {
    const database = startDatabase(config, dataDir, account, add)
    const places = await prepareExecutor(dataDir, account)
    const executor = add('the executor', () => startExecutor(checkout, places, config.settings, account))
    const ownerUrl = await database
    let url = ''
    const server = add('the server', () =>
      startServer({
        config,
        dataDir,
        account,
        ownerUrl,
        executors: `${places.socket}=${places.tokenFile}`,
        onReady: (at) => {
          url = at
        },
      }),
    )
    await Promise.all([server.started, executor.started])
    process.stdout.write(announcement({ url, keyFile: shownKeyFile(config, dataDir), tookMs: process.uptime() * 1_000 }))
    return Promise.race([stopAsked, ...parts.map(({ givenUp }) => givenUp)])
  }
  const failure = await Promise.race([stopAsked, run()]).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  )
  for (const part of parts.toReversed()) await part.stop() // the server drains first, the database goes last
  if (failure === null) return 0
  say(failure)
  return 1
}

async function startDatabase(
  config: Config,
  dataDir: string,
  account: Account,
  add: (name: string, start: () => Promise<Running>) => Kept,
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

type ServerSpec = {
  config: Config
  dataDir: string
  account: Account
  ownerUrl: string
  executors: string
  onReady: (url: string) => void
}

/** Resolves when the server is ready; one that ends before it is is a failed start. */
async function startServer({ config, dataDir, account, ownerUrl, executors, onReady }: ServerSpec): Promise<Running> {
  let ready: () => void = () => {}
  const isReady = new Promise<'ready'>((done) => {
    ready = () => done('ready')
  })
  const server = startChild({
    command: [process.execPath, '--disable-warning=ExperimentalWarning', join(checkout, 'apps/server/src/main.ts'), 'serve'],
    account,
    env: {
      ...config.given,
      DATABASE_URL: ownerUrl,
      CRUCIBLE_DATA_DIR: dataDir,
      CRUCIBLE_EXECUTORS: executors,
      PATH: '/usr/bin:/bin',
    },
    cwd: checkout,
    stopMs: (config.settings.CRUCIBLE_GRACE_SECONDS + 15) * 1_000,
    onMessage(raw, reply) {
      const message = asFromServer(raw)
      if (message.type === 'admin-key') {
        // A rejection ends this process, and with it the server before it commits a key that nobody has.
        void writeAdminKey(dataDir, message.key).then(() => reply({ type: 'admin-key-written' }))
        return
      }
      onReady(message.url)
      ready()
    },
  })
  const ended = await Promise.race([isReady, server.ended])
  if (ended !== 'ready') throw new Error(`The server did not start (${ended}); what it wrote above says why.`)
  return server
}

/** As the person who started it would write it. */
function shownKeyFile({ inside }: Config, dataDir: string): string {
  const file = adminKeyFile(inside ?? dataDir)
  const near = relative(process.cwd(), file)
  return inside !== null || near.startsWith('..') ? file : near
}

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)
