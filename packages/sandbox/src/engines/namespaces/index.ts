/**
 * The default engine: Linux namespaces by bubblewrap, cgroups, seccomp. It shares the host's kernel and stands on that
 * kernel's correctness.
 */

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { chooseCgroups, surroundings } from '../../cgroups/choose.ts'
import { removeTree } from '../../cgroups/sweep.ts'
import type { Engine, EngineFault, EngineOptions, FoundEngine } from '../../engine.ts'
import { Obstacle } from '../../obstacle.ts'
import type { Finding } from '../../supervision/finding.ts'
import { guardNumbers } from '../../supervision/guard.ts'
import { chooseIdentity, type Identity } from '../../supervision/identity.ts'
import { selfTest } from '../../supervision/self-test.ts'
import { slotPool } from '../../supervision/slot-pool.ts'
import { claimState } from '../../supervision/state.ts'
import { type Architecture, knownArchitecture } from '../../supervision/syscalls.ts'
import { startAttendant } from './attendant.ts'
import { createDemand, type ForkServers, type ForksDeps } from './fork/forks.ts'
import { filterInside, furnish } from './furnish.ts'
import { explainRefusal } from './obstacle.ts'
import { findPrograms, type Programs } from './programs.ts'
import { rememberShown } from './remember-shown.ts'
import { openSandbox } from './sandbox.ts'
import { makeSlot, type Slot } from './slot.ts'

export type NamespacesOptions = Pick<EngineOptions, 'slots' | 'stateDir' | 'uidBase'> & { readonly forkServers?: ForkServers }

const cannot: readonly string[] = [
  'Sandboxes share the kernel of the host: a bug in a system call that every program needs is a way out.',
  'Programs see the version, boot parameters, processor and total memory of the host.',
  'It does not hide the timing of caches and cores that programs share.',
]

const cannotWithoutCgroups: readonly string[] = [
  'Without cgroups, memory and CPU time are sampled: a program that is quick enough passes its limit before it is seen.',
]

export async function namespacesEngine(options: NamespacesOptions): Promise<FoundEngine> {
  const architecture = requireLinux()
  const programs = findPrograms()
  const identity = detectIdentity(options)
  const state = await claimState(options.stateDir)
  const chosen = await chooseCgroups(surroundings(), `crucible-${randomBytes(6).toString('hex')}`)
  state.remember(chosen.directories)
  const clear = async () => {
    for (const directory of chosen.directories) await removeTree(directory)
    state.release()
  }
  const attendant = await startAttendant(programs.perl, identity, architecture).catch(async (cause: unknown) => {
    await clear()
    throw explainRefusal(cause)
  })

  const release = async () => {
    await attendant.close()
    await clear()
  }
  const slots: Slot[] = []
  try {
    await furnish(attendant, programs, architecture)
    const deps: ForksDeps = {
      attendant,
      cgroups: chosen.driver,
      programs,
      filterInside,
      guardNumbers: guardNumbers(architecture),
      shownFor: rememberShown(attendant, architecture),
      forkServers: options.forkServers ?? 'on-demand',
      demand: createDemand(() => performance.now()),
    }
    for (let index = 0; index < options.slots; index++) slots.push(await makeSlot(deps, index, ownerOf(identity, index)))
    const rest = {
      findings: [...findingsOf(identity, options.slots), ...chosen.findings],
      release,
      fault: attendant.death,
      died: attendant.died,
      version: versionOf(programs),
    }
    const engine = assemble(options, deps, slots, rest)
    await prove(engine, slots, { architecture }, identity)
    return engine
  } catch (cause) {
    await Promise.allSettled(slots.map((slot) => slot.close()))
    await release()
    throw cause
  }
}

async function prove(
  engine: Engine,
  slots: readonly Slot[],
  deps: { architecture: Architecture },
  identity: Identity,
): Promise<void> {
  const sandbox = await engine.open({ diskBytes: 4 * 1024 * 1024 }) // in the first slot, as nothing else is open yet
  try {
    const ownerOf = (name: string) => statSync(`${slots[0]?.workOutside}/${name}`).uid
    await selfTest(
      sandbox,
      { engine: engine.name, ...deps, ownerOf },
      identity.kind === 'slots' ? identity.uidBase : identity.outer,
    ).catch((cause: unknown) => {
      throw cause instanceof Obstacle ? cause : explainRefusal(cause)
    })
  } finally {
    await sandbox.destroy()
  }
}

/** What `doctor` says of an engine that has passed its own test. */
function findingsOf(identity: Identity, slots: number): Finding[] {
  const tested: Finding = {
    level: 'ok',
    text: 'The namespaces engine attacked its own sandbox when it started, and nothing got out.',
    remedy: null,
  }
  const kernel: Finding = {
    level: 'ok',
    text: 'Sandboxes share the kernel of this machine: a bug in that kernel would be a way out.',
    remedy: 'For hostile code of many parties use machines that do nothing else, and keep their kernel up to date.',
  }
  const separate: Finding =
    identity.kind === 'slots'
      ? {
          level: 'ok',
          text: `Each sandbox runs as a host user of its own, ${identity.uidBase} to ${identity.uidBase + slots - 1}.`,
          remedy: null,
        }
      : {
          level: 'warning',
          text: `All sandboxes run as the executor's own user (${identity.outer === 0 ? 'of this user namespace' : identity.outer}).`,
          remedy: 'Start the executor as root to give each sandbox a user of its own; it keeps no more rights than that needs.',
        }
  return [tested, separate, kernel]
}

type Rest = {
  findings: readonly Finding[]
  release(): Promise<void>
  fault(): EngineFault | null
  died: Promise<EngineFault>
  version: string
}

function assemble(options: NamespacesOptions, deps: ForksDeps, slots: Slot[], rest: Rest): FoundEngine {
  const pool = slotPool(slots, (slot, diskBytes, onDestroyed) => openSandbox(deps, slot, diskBytes, onDestroyed))
  let closing: Promise<void> | null = null
  const broken = Promise.withResolvers<EngineFault>()
  void rest.died.then((fault) => {
    if (!pool.isClosing()) broken.resolve(fault)
  })
  return {
    name: 'namespaces',
    version: rest.version,
    isolation: 'kernel-shared',
    mechanisms: {
      wallMs: 'supervisor',
      cpuMs: deps.cgroups.mechanisms.cpu,
      memoryBytes: deps.cgroups.mechanisms.memory,
      processes: deps.cgroups.mechanisms.processes,
      outputBytes: 'supervisor',
      diskBytes: 'tmpfs',
    },
    cannot: deps.cgroups.name('any') ? cannot : [...cannot, ...cannotWithoutCgroups],
    slots: options.slots,
    findings: rest.findings,
    broken: broken.promise,
    async open(request) {
      const fault = rest.fault()
      if (fault) throw fault
      return await pool.open(request)
    },
    close() {
      closing ??= (async () => {
        await pool.close()
        await Promise.all(slots.map((slot) => slot.close()))
        await rest.release()
      })()
      return closing
    },
  }
}

export function requireLinux(): Architecture {
  const architecture = process.platform === 'linux' ? knownArchitecture(process.arch) : null
  if (architecture) return architecture
  throw new Obstacle(
    `The namespaces engine knows Linux on x64 and arm64, not ${process.platform} on ${process.arch}.`,
    'Run the executor on such a machine.',
  )
}

export function detectIdentity({ slots, uidBase }: Pick<NamespacesOptions, 'slots' | 'uidBase'>): Identity {
  return chooseIdentity(
    {
      euid: process.geteuid?.() ?? -1,
      uidMap: readFileSync('/proc/self/uid_map', 'utf8'),
      gidMap: readFileSync('/proc/self/gid_map', 'utf8'),
    },
    slots,
    uidBase,
  )
}

function ownerOf(identity: Identity, slot: number): { uid: number; gid: number; foreign: boolean } {
  if (identity.kind === 'slots') return { uid: identity.uidBase + slot, gid: identity.uidBase + slot, foreign: true }
  return { uid: identity.inner, gid: identity.inner, foreign: false }
}

function versionOf({ bubblewrap }: Programs): string {
  return execFileSync(bubblewrap, ['--version'], { encoding: 'utf8', env: {}, timeout: 5000 }).trim()
}
