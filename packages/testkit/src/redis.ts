import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

export type TestRedis = {
  readonly host: string // with its port
  /** What REDIS_URL would be, password included. */
  readonly url: string
  /** One command, as an administrator gives it; rejects with what Redis says when it refuses. */
  command(...words: string[]): Promise<string>
  /** Ends at once, as one that was killed; `rise` starts it again on the same port with nothing in it. */
  fall(): Promise<void>
  rise(): Promise<void>
  stop(): Promise<void>
}

/**
 * The server itself. It looks at the name by which it is called, and Debian's package `redis-server` adds no more than
 * a link of that name and a service, which would start on the machine of whoever runs these tests.
 */
const program = '/usr/bin/redis-check-rdb'
const readyMs = 10_000
const password = 'of-the-test'

/** A real Redis of this test's own, on a free port of the loopback address. `settings` are lines of redis.conf. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<TestRedis> {
  if (!existsSync(program))
    throw new Error(`${program} is missing, and tests of the queue need it: apt-get install --no-install-recommends redis-tools`)
  const folder = await mkdtemp(join(tmpdir(), 'crucible-redis-'))
  await symlink(program, join(folder, 'redis-server'))
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const all = { ...quiet, port: String(port), dir: folder, ...settings }
  let server = await begin(folder, all).catch(async (cause: unknown) => {
    await rm(folder, { recursive: true, force: true })
    throw cause
  })
  return {
    host,
    url: `redis://:${password}@${host}`,
    async command(...words) {
      const env = { PATH: process.env['PATH'], REDISCLI_AUTH: password }
      const { stdout } = await run('redis-cli', ['-e', '-p', String(port), ...words], { env, timeout: readyMs })
      return stdout.trim()
    },
    fall: () => ended(server),
    async rise() {
      server = await begin(folder, all)
    },
    async stop() {
      await ended(server)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const run = promisify(execFile)
const quiet = {
  bind: '127.0.0.1',
  requirepass: password,
  save: '""',
  appendonly: 'no',
  maxmemory: '256mb',
  'maxmemory-policy': 'noeviction',
}

/** Dies with this process, however that ends. The settings come by stdin: arguments would show the password. */
async function begin(folder: string, settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const server = spawn('setpriv', ['--pdeathsig', 'KILL', '--', join(folder, 'redis-server'), '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`)
  server.stdin.end(lines.join(''))
  let printed = ''
  const ready = Promise.withResolvers<void>()
  server.stdout.on('data', (chunk: Buffer) => {
    printed = (printed + chunk).slice(-16_000)
    if (printed.includes('Ready to accept connections')) ready.resolve()
  })
  const fail = (how: string) => ready.reject(new Error(`redis-server ${how}; it printed:\n${printed}`))
  const timer = setTimeout(fail, readyMs, `was not ready within ${readyMs} ms`)
  server.once('error', (error) => fail(error.message))
  server.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`))
  try {
    await ready.promise
  } catch (error) {
    await ended(server)
    throw error
  } finally {
    clearTimeout(timer)
  }
  return server
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return
  const exit = once(server, 'exit')
  server.kill('SIGKILL') // nothing in it outlives the test
  await exit
}
