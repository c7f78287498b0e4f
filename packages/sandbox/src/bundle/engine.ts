/** An engine of a container runtime: its slots, its cgroups, and what has to be there before any of it. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseCgroups, surroundings } from '../cgroups/choose.ts'
import { removeTree } from '../cgroups/sweep.ts'
import type { EngineOptions, FoundEngine } from '../engine.ts'
import { Obstacle } from '../obstacle.ts'
import { seccompProfile } from '../seccomp/profile.ts'
import { furnishBase } from '../supervision/base-files.ts'
import { findProgram } from '../supervision/find-program.ts'
import type { Finding } from '../supervision/finding.ts'
import { guardNumbers } from '../supervision/guard.ts'
import { chooseIdentity } from '../supervision/identity.ts'
import { slotPool } from '../supervision/slot-pool.ts'
import { claimState } from '../supervision/state.ts'
import { type Architecture, knownArchitecture } from '../supervision/syscalls.ts'
import { uidsPerSlot } from './keeper.ts'
import { prove } from './prove.ts'
import type { ContainerRuntime } from './runtime.ts'
import { openSandbox, type Slot, type SlotDeps } from './sandbox.ts'

/** What every engine of a container runtime needs of a machine, besides the runtime. */
export function requireRoot(
  engine: string,
  { slots, uidBase }: Pick<EngineOptions, 'slots' | 'uidBase'>,
): { architecture: Architecture; uids: number } {
  const architecture = process.platform === 'linux' ? knownArchitecture(process.arch) : null
  if (!architecture) {
    throw new Obstacle(
      `The engine ${engine} knows Linux on x64 and arm64, not ${process.platform} on ${process.arch}.`,
      'Run the executor on such a machine.',
    )
  }
  const identity = chooseIdentity(
    {
      euid: process.geteuid?.() ?? -1,
      uidMap: readFileSync('/proc/self/uid_map', 'utf8'),
      gidMap: readFileSync('/proc/self/gid_map', 'utf8'),
    },
    slots * uidsPerSlot,
    uidBase,
  )
  if (identity.kind !== 'slots') {
    throw new Obstacle(
      `The engine ${engine} gives every sandbox host users and a cgroup of its own, and only root may do that.`,
      'Start the executor as root; it keeps no more rights than that needs. The engine namespaces needs no root.',
    )
  }
  return { architecture, uids: identity.uidBase }
}

export async function bundleEngine(
  options: EngineOptions,
  runtime: ContainerRuntime,
  files: readonly string[],
): Promise<FoundEngine> {
  const { architecture, uids } = requireRoot(runtime.engine, options)
  const perl = findProgram('perl', 'perl-base')
  const state = await claimState(options.stateDir)
  const chosen = await chooseCgroups(surroundings(), `crucible-${randomBytes(6).toString('hex')}`)
  state.remember(chosen.directories)
  const base = join(options.stateDir, 'base')
  const release = async () => {
    for (const directory of chosen.directories) await removeTree(directory)
    await rm(base, { recursive: true, force: true })
    state.release()
  }
  try {
    if (chosen.directories.length === 0) {
      throw new Obstacle(
        `The engine ${runtime.engine} bounds memory, CPU time and processes by cgroups, and may make none here.`,
        'Start the executor where it may: as root on the host, or in a container with its own writable cgroups.',
      )
    }
    await rm(base, { recursive: true, force: true }) // what a killed executor left
    furnishBase(base, perl, files)
    const deps: SlotDeps = {
      ...{ architecture, perl, base, runtime },
      cgroups: chosen.driver,
      seccomp: seccompProfile(architecture),
      guardNumbers: guardNumbers(architecture),
    }
    const slots = Array.from({ length: options.slots }, (_, index) => ({ name: String(index), uids: uids + index * uidsPerSlot }))
    const [first] = slots
    if (first) await prove(deps, first)
    return assemble(deps, slots, [...chosen.findings, separate(uids, options.slots)], release)
  } catch (cause) {
    await release()
    throw cause
  }
}

const separate = (uids: number, slots: number): Finding => ({
  level: 'ok',
  text: `Each sandbox runs as host users of its own, four of ${uids} to ${uids + slots * uidsPerSlot - 1}.`,
  remedy: null,
})

function assemble(
  deps: SlotDeps,
  slots: readonly Slot[],
  findings: readonly Finding[],
  release: () => Promise<void>,
): FoundEngine {
  const { runtime } = deps
  const pool = slotPool(slots, (slot, diskBytes, onDestroyed) => openSandbox(deps, slot, diskBytes, onDestroyed))
  let closing: Promise<void> | null = null
  const { mechanisms } = deps.cgroups
  return {
    name: runtime.engine,
    version: runtime.version,
    isolation: runtime.isolation,
    mechanisms: {
      wallMs: 'supervisor',
      cpuMs: mechanisms.cpu,
      memoryBytes: mechanisms.memory,
      processes: runtime.processes === 'cgroup' ? mechanisms.processes : runtime.processes,
      outputBytes: 'supervisor',
      diskBytes: 'tmpfs',
    },
    cannot: runtime.cannot,
    slots: slots.length,
    findings,
    broken: new Promise(() => {}), // each sandbox has a keeper of its own: there is no part that could die for all
    open: pool.open,
    close() {
      closing ??= pool.close().then(release)
      return closing
    },
  }
}
