/** The namespaces engine without anything around it: open, put, run, destroy; started cold, and forked from a loaded interpreter. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunSpec } from '../../packages/sandbox/src/engine.ts'
import { namespacesEngine } from '../../packages/sandbox/src/engines/namespaces/index.ts'
import { type Limits, offer, readLanguages } from '../../packages/sandbox/src/index.ts'
import { runSpec } from '../../packages/sandbox/src/judge/run-spec.ts'
import type { Subject } from '../measure.ts'
import { expected, type Program } from './programs.ts'

const MiB = 1024 * 1024
const limits: Limits = {
  wallMs: 10_000,
  cpuMs: 10_000,
  memoryBytes: 512 * MiB,
  processes: 64,
  outputBytes: MiB,
  diskBytes: 16 * MiB,
}

export async function engineCold(program: Program, slots: number): Promise<Subject> {
  const isSystems = program.path.startsWith('/usr/')
  const path = isSystems ? program.path : '/runtime/program' // wherever npm has put it
  const show = isSystems ? ['/usr'] : ['/usr', { host: program.path, inside: path }]
  return await subject('engine, cold', slots, 'never', async () => ({
    files: [],
    spec: { command: [path, ...program.args], env: {}, stdin: new Uint8Array(), limits, show },
  }))
}

/** Null for a language that has no fork server. */
export async function engineForked(program: Program, slots: number): Promise<Subject | null> {
  const languages = readLanguages().filter(({ name, run }) => name === program.language && run.fork !== null)
  if (languages.length === 0) return null
  return await subject('engine, forked', slots, 'on-demand', async (engine) => {
    const { runtimes } = await offer({ engine, randomBytes }, languages, AbortSignal.timeout(60_000))
    const [runtime] = runtimes
    if (runtime === undefined) throw new Error(`${program.language} is not offered here`)
    const { entry, run: stage } = runtime.language
    return {
      files: [{ path: entry, content: Buffer.from(program.code) }],
      spec: runSpec({ runtime, stage, values: { entry }, args: [], env: {}, limits, stdin: new Uint8Array() }),
    }
  })
}

type Given = { readonly files: readonly { path: string; content: Uint8Array }[]; readonly spec: RunSpec }

async function subject(
  name: string,
  slots: number,
  forkServers: 'never' | 'on-demand',
  prepare: (engine: Awaited<ReturnType<typeof namespacesEngine>>) => Promise<Given>,
): Promise<Subject> {
  const stateDir = mkdtempSync(join(tmpdir(), 'crucible-bench-'))
  const engine = await namespacesEngine({ slots, stateDir, uidBase: null, forkServers })
  const { files, spec } = await prepare(engine)
  return {
    name,
    async run() {
      const sandbox = await engine.open({ diskBytes: limits.diskBytes })
      try {
        await sandbox.put(files)
        let output = ''
        const take = (_: unknown, chunk: Uint8Array) => {
          output += Buffer.from(chunk).toString()
        }
        const outcome = await sandbox.run(spec, take, new AbortController().signal)
        if (outcome.exitCode !== 0 || output !== expected)
          throw new Error(`the engine answered ${JSON.stringify(outcome)} ${output}`)
      } finally {
        await sandbox.destroy()
      }
    },
    async close() {
      await engine.close()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}
