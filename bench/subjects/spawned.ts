/** The two baselines: the program started bare, and by bubblewrap with the engine's flags typed by hand. */
import { type SpawnOptions, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileFilter } from '../../packages/sandbox/src/seccomp/compile.ts'
import type { Subject } from '../measure.ts'
import { expected, type Program } from './programs.ts'

export const bare = (program: Program): Subject => ({
  name: 'bare spawn',
  run: () => finished(program.path, program.args, { env: {}, stdio: ['ignore', 'pipe', 'inherit'] }),
  async close() {},
})

const byHand = `--unshare-user --unshare-all --disable-userns --uid 65534 --gid 65534 --hostname sbx --cap-drop ALL --new-session
  --die-with-parent --clearenv --setenv PATH /usr/bin:/bin --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib
  --symlink usr/lib64 /lib64 --proc /proc --dev /dev --size 16777216 --tmpfs /dev/shm --remount-ro /dev
  --size 16777216 --tmpfs /tmp --remount-ro / --chdir /tmp --seccomp 3`
const limits = ['prlimit', '--nproc=64', '--nofile=256', '--fsize=16777216', '--core=0', '--cpu=10']

/** Started by a user that is not root, as the engine does: `bwrap` from root is no sandbox. */
export function bubblewrapByHand(program: Program): Subject {
  const directory = mkdtempSync(join(tmpdir(), 'crucible-bench-'))
  const filter = join(directory, 'filter.bpf')
  writeFileSync(filter, compileFilter(process.arch === 'arm64' ? 'arm64' : 'x64'))
  const shown = program.path.startsWith('/usr/') ? [] : ['--ro-bind', program.path, '/tmp/program']
  const path = shown.length === 0 ? program.path : '/tmp/program'
  const flags = byHand.split(/\s+/)
  flags.splice(flags.indexOf('--remount-ro', flags.indexOf('/tmp')), 0, ...shown)
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  return {
    name: 'bwrap by hand',
    async run() {
      const descriptor = openSync(filter, 'r') // anew for each run: bwrap reads it to its end
      try {
        await finished('bwrap', [...flags, ...limits, path, ...program.args], {
          ...user,
          env: { PATH: '/usr/bin:/bin' },
          stdio: ['ignore', 'pipe', 'inherit', descriptor],
        })
      } finally {
        closeSync(descriptor)
      }
    },
    async close() {
      rmSync(directory, { recursive: true })
    },
  }
}

function finished(command: string, args: readonly string[], options: SpawnOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = spawn(command, args, options)
  let output = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  child.on('error', reject)
  child.on('close', (code) =>
    code === 0 && output === expected
      ? resolve()
      : reject(new Error(`${command} ended with ${code} and wrote ${JSON.stringify(output)}`)),
  )
  return promise
}
