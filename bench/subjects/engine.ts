/** The namespaces engine without anything around it: open, put, run, destroy. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { namespacesEngine } from '../../packages/sandbox/src/engines/namespaces/index.ts'
import type { Limits } from '../../packages/sandbox/src/index.ts'
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
  const stateDir = mkdtempSync(join(tmpdir(), 'crucible-bench-'))
  const engine = await namespacesEngine({ slots, stateDir, uidBase: null })
  const isSystems = program.path.startsWith('/usr/')
  const path = isSystems ? program.path : '/runtime/program' // wherever npm has put it
  const show = isSystems ? ['/usr'] : ['/usr', { host: program.path, inside: path }]
  return {
    name: 'engine, cold',
    async run() {
      const sandbox = await engine.open({ diskBytes: limits.diskBytes })
      try {
        let output = ''
        const outcome = await sandbox.run(
          { command: [path, ...program.args], env: {}, stdin: new Uint8Array(), limits, show },
          (_, chunk) => {
            output += Buffer.from(chunk).toString()
          },
          new AbortController().signal,
        )
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
