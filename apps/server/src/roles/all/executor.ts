import { randomBytes } from 'node:crypto'
import { chown, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../../config.ts'
import { type Account, privateDirectory, shortDirectory } from '../../platform/db/embedded/index.ts'
import { accepts } from './accepts.ts'
import { startChild } from './child.ts'
import { type Running, untilReady } from './supervise.ts'

const readyMs = 90_000 // each runtime is tried once; on a busy machine that takes long

export type ExecutorPlaces = { readonly socket: string; readonly tokenFile: string; readonly state: string }

/** A directory for the socket that only the server may enter, and a new token in it: both ends are ours to start. */
export async function prepareExecutor(dataDir: string, account: Account): Promise<ExecutorPlaces> {
  const folder = shortDirectory(dataDir, 'executor', 'executor.sock')
  await privateDirectory(folder, account)
  const tokenFile = join(folder, 'token')
  await rm(tokenFile, { force: true })
  await writeFile(tokenFile, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  if (account !== null) await chown(tokenFile, account.uid, account.gid)
  return { socket: join(folder, 'executor.sock'), tokenFile, state: join(dataDir, 'executor-state') }
}

/**
 * The executor, with an empty environment: it knows no database, no key and no tenant. Under root it keeps root, for
 * slot users and cgroups need it, and starts nothing of a sandbox with it. Resolves when it takes jobs: its engine has
 * tested itself and every runtime has said hello.
 */
export async function startExecutor(
  checkout: string,
  places: ExecutorPlaces,
  settings: Settings,
  account: Account,
  stopping: AbortSignal,
): Promise<Running> {
  const flags = {
    socket: places.socket,
    'token-file': places.tokenFile,
    state: places.state,
    engine: settings.CRUCIBLE_ENGINE,
    ...engineSettings(settings.CRUCIBLE_ENGINE_SETTINGS),
    'log-level': settings.CRUCIBLE_LOG_LEVEL,
    'uid-base': String(settings.CRUCIBLE_UID_BASE),
    ...(settings.CRUCIBLE_SLOTS === null ? {} : { slots: String(settings.CRUCIBLE_SLOTS) }),
    ...(account === null ? {} : { 'socket-owner': `${account.uid}:${account.gid}` }),
  }
  const running = startChild({
    command: [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      join(checkout, 'apps/executor/src/main.ts'),
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
      ...(settings.CRUCIBLE_ALLOW_UNSAFE_ENGINE ? ['--allow-unsafe-engine'] : []),
    ],
    account: null,
    env: {},
    cwd: '/',
    stopMs: 15_000,
  })
  const isReady = accepts(places.socket, AbortSignal.any([stopping, AbortSignal.timeout(readyMs)]))
  return untilReady('The executor', running, isReady, stopping)
}

/** The executor knows which of them its engine reads, and refuses to start on any other. */
function engineSettings(text: string | null): Record<string, string> {
  const pairs = (text ?? '').split(',').filter(Boolean)
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))]
    }),
  )
}
