import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Environment } from './config.ts'
import { UsageError } from './failures.ts'

export type Settings = {
  readonly url: string
  readonly apiKey: string | undefined
  /** Where the key came from, for messages; never the key. */
  readonly keySource: string | undefined
}

export const defaultUrl = 'http://127.0.0.1:3000'
const keyFileName = 'admin-key'
const keyBytesMax = 4096

/** Flags come before the environment, and that before what `npm start` leaves in the data directory. */
export function settingsOf(
  flags: { url?: string | undefined; keyFile?: string | undefined },
  environment: Environment,
): Settings {
  const url = flags.url ?? environment.url ?? defaultUrl
  if (flags.keyFile !== undefined) return { url, apiKey: readKey(flags.keyFile), keySource: flags.keyFile }
  if (environment.apiKey !== undefined) return { url, apiKey: environment.apiKey, keySource: 'CRUCIBLE_API_KEY' }
  const found = isLoopback(url) ? defaultKeyFiles(environment).find((file) => existsSync(file)) : undefined
  return found === undefined
    ? { url, apiKey: undefined, keySource: undefined }
    : { url, apiKey: readKey(found), keySource: found }
}

/** The administrator's key of this machine is offered to this machine only: a URL from elsewhere must not be able to fetch it. */
function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

const repository = fileURLToPath(new URL('../../..', import.meta.url))

const defaultKeyFiles = (environment: Environment) =>
  environment.dataDir !== undefined
    ? [resolve(environment.dataDir, keyFileName), resolve(repository, environment.dataDir, keyFileName)]
    : [join(repository, 'data', keyFileName)]

function readKey(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const why =
      code === 'EACCES' ? 'it belongs to another user' : code === 'ENOENT' ? 'there is no such file' : String(code ?? cause)
    throw new UsageError(`Cannot read the key file ${file}: ${why}. Set CRUCIBLE_API_KEY, or name another with --key-file.`, {
      cause,
    })
  }
  const key = text.trim()
  if (key === '' || key.length > keyBytesMax || /\s/.test(key)) throw new UsageError(`${file} does not hold an API key.`)
  return key
}
