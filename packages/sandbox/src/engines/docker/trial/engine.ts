/** For tests: short ways to run a script in a container. */
import type { Engine, EngineOptions, RunOutcome, Sandbox } from '../../../engine.ts'
import type { Limits } from '../../../spec.ts'
import { testImage } from './daemon.ts'

export const MiB = 2 ** 20
export const limits: Limits = {
  wallMs: 20_000,
  cpuMs: 5000,
  memoryBytes: 64 * MiB,
  processes: 32,
  outputBytes: MiB,
  diskBytes: 16 * MiB,
}

export type Ran = RunOutcome & { stdout: string; stderr: string }
export type Given = {
  limits?: Partial<Limits>
  stdin?: string
  given?: string
  show?: string[]
  signal?: AbortSignal
  onOutput?: () => void
}

export const optionsFor = (
  host: string,
  given: Partial<EngineOptions> & Pick<EngineOptions, 'stateDir' | 'uidBase'>,
): EngineOptions => ({
  slots: 2,
  allowUnsafe: false,
  ...given,
  settings: { 'docker-host': host, 'docker-image': testImage, ...given.settings },
})

export async function run(sandbox: Sandbox, command: readonly [string, ...string[]], given: Given = {}): Promise<Ran> {
  const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const outcome = await sandbox.run(
    {
      command,
      env: {},
      stdin: Buffer.from(given.stdin ?? ''),
      limits: { ...limits, ...given.limits },
      show: given.show ?? [],
      ...(given.given === undefined ? {} : { channel: { given: Buffer.from(given.given) } }),
    },
    (stream, chunk) => {
      chunks[stream].push(chunk)
      given.onOutput?.()
    },
    given.signal ?? new AbortController().signal,
  )
  return { ...outcome, stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString() }
}

export async function inSandbox<T>(engine: Engine, use: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const sandbox = await engine.open({ diskBytes: limits.diskBytes })
  try {
    return await use(sandbox)
  } finally {
    await sandbox.destroy()
  }
}

export const bash = (engine: Engine, script: string, given?: Given) =>
  inSandbox(engine, (sandbox) => run(sandbox, ['/usr/bin/bash', '-c', script], given))
export const python = (engine: Engine, script: string, given?: Given) =>
  inSandbox(engine, (sandbox) => run(sandbox, ['/usr/bin/python3', '-c', script], given))
