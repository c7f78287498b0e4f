/**
 * No isolation at all: a program runs as a plain child, sees the host's files and network, and its limits are guesses.
 * For comparison and for trusted code only; whoever wants it says so, and every result names it.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { EngineFault, type EngineOptions, type FoundEngine } from '../../engine.ts'
import { Obstacle } from '../../obstacle.ts'
import type { Finding } from '../../supervision/finding.ts'
import { guardNumbers, guardScript, reaperScript } from '../../supervision/guard.ts'
import { slotPool } from '../../supervision/slot-pool.ts'
import { type Architecture, knownArchitecture } from '../../supervision/syscalls.ts'
import { openSandbox } from './sandbox.ts'
import type { ProcessSite } from './site.ts'

export type ProcessOptions = Pick<EngineOptions, 'slots' | 'stateDir' | 'uidBase'> & { readonly allowUnsafe?: boolean }

export const findings: readonly Finding[] = [
  {
    level: 'warning',
    text: 'The engine "process" isolates nothing: programs see the files, processes and network of this machine.',
    remedy: 'Use it for trusted code only; the default engine is "namespaces".',
  },
]

const defaultUidBase = 1_900_000_000
const perl = '/usr/bin/perl'
const mkfifo = '/usr/bin/mkfifo'

const cannot: readonly string[] = [
  'It isolates nothing: programs see and reach the files, processes and network of the host.',
  'Memory, CPU time and the number of processes are sampled: a program that is quick enough passes its limit before it is seen.',
  'It does not bound what a program writes to disk.',
]

/** Refused to whoever did not ask for it by name. */
export function requireAllowed({ allowUnsafe }: Pick<ProcessOptions, 'allowUnsafe'>): void {
  if (allowUnsafe !== true) {
    throw new Obstacle(
      'The engine "process" isolates nothing and is refused unless somebody asks for that.',
      'Set CRUCIBLE_ALLOW_UNSAFE_ENGINE=yes, for trusted code only.',
    )
  }
}

export function findPrograms(): Architecture {
  const architecture = process.platform === 'linux' ? knownArchitecture(process.arch) : null
  if (!architecture) throw new Obstacle('The process engine needs Linux on x64 or arm64.', 'Run the executor on such a machine.')
  for (const program of [perl, mkfifo]) {
    if (spawnSync(program, ['--version'], { env: {}, timeout: 5000 }).status !== 0) {
      throw new Obstacle(`The program ${program} does not work.`, 'Run "apt-get install perl-base coreutils".')
    }
  }
  return architecture
}

export async function processEngine(options: ProcessOptions): Promise<FoundEngine> {
  requireAllowed(options)
  const architecture = findPrograms()
  const root = claimRoot(options.stateDir)
  const script = join(root, 'guard.pl')
  copyFileSync(reaperScript, join(root, 'reaper.pl'))
  copyFileSync(guardScript, script) // the repository may lie where a slot's user cannot read
  const asRoot = process.geteuid?.() === 0
  const site = (slot: number): ProcessSite => ({
    directory: join(root, String(slot)),
    shown: join(root, 'shown'),
    owner: asRoot ? { uid: (options.uidBase ?? defaultUidBase) + slot, gid: (options.uidBase ?? defaultUidBase) + slot } : null,
    script,
    perl,
    mkfifo,
    guardNumbers: guardNumbers(architecture),
  })

  const sites = Array.from({ length: options.slots }, (_, slot) => site(slot))
  const pool = slotPool(sites, (each, _diskBytes, onDestroyed) => openSandbox(each, onDestroyed))
  return {
    name: 'process',
    version: '1',
    isolation: 'none',
    mechanisms: {
      wallMs: 'supervisor',
      cpuMs: 'sampled',
      memoryBytes: 'sampled',
      processes: 'sampled',
      outputBytes: 'supervisor',
      diskBytes: 'none',
    },
    cannot,
    slots: options.slots,
    findings,
    broken: new Promise(() => {}), // it has no part that could die without it
    open: pool.open,
    async close() {
      await pool.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** One directory for each state directory, so that what a killed executor left is found and removed at the next start. */
function claimRoot(stateDir: string): string {
  const name = createHash('sha256').update(resolve(stateDir)).digest('hex').slice(0, 16)
  const root = join(tmpdir(), `crucible-process-${name}`)
  const found = lstatSync(root, { throwIfNoEntry: false })
  if (found && (found.uid !== process.geteuid?.() || !found.isDirectory())) {
    throw new EngineFault(`The path ${root} belongs to someone else; remove it.`)
  }
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root)
  chmodSync(root, 0o711)
  mkdirSync(join(root, 'shown'))
  chmodSync(join(root, 'shown'), 0o755)
  return root
}
