import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

export type Product = {
  readonly url: string
  readonly dataDir: string
  readonly keyFile: string
  /** The server process. A chaos test may kill it; `stop` then only cleans up. */
  readonly server: ChildProcess
  /** Everything that it has printed, for the message of a test that fails. */
  readonly printed: () => string
  readonly stop: () => Promise<void>
}

export type ProductOptions = {
  readonly env?: Readonly<Record<string, string>>
  /** An existing data directory, which is then kept; default a temporary one that goes with `stop`. */
  readonly dataDir?: string
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const readyMs = 90_000
const stopMs = 30_000

/** The whole product as `npm start` runs it, with an embedded database and a real executor, on a free port. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const folder = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'crucible-product-')) : undefined
  // Under root the server gives up its rights and must still reach the data below.
  if (folder !== undefined) await chmod(folder, 0o755)
  const dataDir = options.dataDir ?? join(folder ?? '', 'data')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'apps/server/src/main.ts', 'all'], {
    cwd: root,
    // Nothing else of ours: an unknown CRUCIBLE_* stops the start.
    env: { PATH: process.env['PATH'], PORT: String(port), HOST: '127.0.0.1', CRUCIBLE_DATA_DIR: dataDir, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk: Buffer) => (printed = (printed + chunk).slice(-64_000)))
  const stop = async () => {
    await stopped(server)
    if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await ready(url, server)
  } catch (cause) {
    await stop()
    throw new Error(`the product did not become ready; it printed:\n${printed}`, { cause })
  }
  return { url, dataDir, keyFile: join(dataDir, 'admin-key'), server, printed: () => printed, stop }
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  const deadline = AbortSignal.timeout(readyMs)
  while (server.exitCode === null && server.signalCode === null) {
    deadline.throwIfAborted()
    const response = await fetch(`${url}/readyz`, { signal: deadline }).catch(() => undefined)
    await response?.arrayBuffer()
    if (response?.ok) return
    await wait(50, undefined, { signal: deadline })
  }
  throw new Error(`it ended with ${server.exitCode ?? server.signalCode}`)
}

async function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exit = once(server, 'exit')
  server.kill('SIGTERM')
  const hard = setTimeout(() => server.kill('SIGKILL'), stopMs)
  await exit
  clearTimeout(hard)
}
