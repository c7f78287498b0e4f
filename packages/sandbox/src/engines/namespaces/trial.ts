/** What the engine's own tests have in common: one real engine for each file, and short ways to run a script in it. */
import { readdirSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Engine, RunOutcome, Sandbox, Show } from '../../engine.ts'
import type { Limits } from '../../spec.ts'
import { namespacesEngine } from './index.ts'

export const MiB = 1024 * 1024
export const limits: Limits = {
  wallMs: 10_000,
  cpuMs: 5000,
  memoryBytes: 128 * MiB,
  processes: 32,
  outputBytes: MiB,
  diskBytes: 32 * MiB,
}
export const shell: Show[] = ['/bin/bash', '/bin/sh', '/usr/bin']
const python: Show[] = ['/usr/bin', '/usr/lib/python3', pythonLibrary()]

export type Ran = RunOutcome & { stdout: string; stderr: string }
export type Options = { limits?: Partial<Limits>; stdin?: string; given?: string; show?: Show[]; signal?: AbortSignal }

/** Each test file has slot users of its own, so that it can look for what they leave behind. */
export function tryEngine(uidBase: number, slots = 8) {
  let stateDir: string
  let made: Engine
  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'crucible-engine-'))
    made = await namespacesEngine({ slots, stateDir, uidBase: process.geteuid?.() === 0 ? uidBase : null })
  })
  afterAll(async () => {
    await made.close()
    rmSync(stateDir, { recursive: true })
  })
  const inSandbox = async <T>(use: (sandbox: Sandbox) => Promise<T>): Promise<T> => {
    const sandbox = await made.open({ diskBytes: limits.diskBytes })
    try {
      return await use(sandbox)
    } finally {
      await sandbox.destroy()
    }
  }
  return {
    engine: () => made,
    inSandbox,
    bash: (script: string, options?: Options) => inSandbox((sandbox) => run(sandbox, ['/bin/bash', '-c', script], options)),
    py: (script: string, options?: Options) => inSandbox((sandbox) => run(sandbox, ['/usr/bin/python3', '-c', script], options)),
  }
}

export async function run(sandbox: Sandbox, command: readonly [string, ...string[]], options: Options = {}): Promise<Ran> {
  const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const outcome = await sandbox.run(
    {
      command,
      env: {},
      stdin: Buffer.from(options.stdin ?? ''),
      limits: { ...limits, ...options.limits },
      show: options.show ?? [...shell, ...python],
      ...(options.given === undefined ? {} : { channel: { given: Buffer.from(options.given) } }),
    },
    (stream, chunk) => chunks[stream].push(chunk),
    options.signal ?? new AbortController().signal,
  )
  return { ...outcome, stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString() }
}

function pythonLibrary(): string {
  const version = readdirSync('/usr/lib').find((name) => /^python3\.\d+$/.test(name))
  if (!version) throw new Error('These tests need Debian python3; apt-get install python3.')
  return `/usr/lib/${version}`
}
