/**
 * Containers through the Docker Engine API: the daemon makes the sandbox, and this process needs no right but to ask it. It
 * makes seven calls (calls.ts) and works behind a proxy that denies all others.
 */

import { existsSync } from 'node:fs'
import type { EngineOptions, FoundEngine } from '../../engine.ts'
import { compileFilter } from '../../seccomp/compile.ts'
import { seccompProfile } from '../../seccomp/profile.ts'
import { slotPool } from '../../supervision/slot-pool.ts'
import { requiredNumber, type SyscallName } from '../../supervision/syscalls.ts'
import { dockerCalls } from './calls.ts'
import { cannot, findingsOf, mechanismsOf } from './declare.ts'
import { findImage } from './find-image.ts'
import type { GroupsSeen } from './group-report.ts'
import { dockerHttp } from './http.ts'
import { namesOf } from './names.ts'
import { openSandbox, type Site, type Slot } from './sandbox.ts'
import { selfTest, selfTestDiskBytes } from './self-test.ts'
import { type Runtime, readSettings } from './settings.ts'
import { takeState } from './state.ts'

const defaultUidBase = 1_750_000_000
const findMs = 10_000
const shownDigest = 'sha256:'.length + 12
const guardCalls: readonly SyscallName[] = [
  'prlimit64',
  'prctl',
  'wait4',
  'dup3',
  'clock_gettime',
  'statfs',
  'getrusage',
  'setsid',
  'rt_sigprocmask',
  'signalfd4',
  'exit_group',
]
/** runsc's own kernel is a process of the container; measured, with room to grow. */
const overheadBytes: Record<Runtime, number> = { runc: 0, runsc: 64 * 2 ** 20 }

export async function dockerEngine(options: EngineOptions): Promise<FoundEngine> {
  const settings = readSettings(options.settings)
  const { runtime } = settings
  const calls = dockerCalls(dockerHttp(settings.address))
  const { image, architecture } = await findImage(calls, settings, AbortSignal.timeout(findMs))
  const state = await takeState(options.stateDir, options.slots, calls)
  let groups: GroupsSeen = { version: null, cpu: false, memory: false, pids: false }
  const site: Site = {
    calls,
    image: image.id,
    runtime,
    seccomp: JSON.stringify(seccompProfile(architecture)),
    // runsc answers the program's calls itself and ignores the profile; the guard has its kernel apply the same filter.
    filter: runtime === 'runsc' ? compileFilter(architecture) : null,
    guardReachable: runtime === 'runsc',
    cpus: settings.cpus,
    processors: Math.max(1, Math.ceil(settings.cpus)),
    guardNumbers: guardCalls.map((name) => `${name}=${requiredNumber(name, architecture)}`).join(' '),
    overheadBytes: overheadBytes[runtime],
    onGroups: (seen) => {
      groups = seen
    },
  }
  const base = options.uidBase ?? defaultUidBase
  const slots = Array.from({ length: options.slots }, (_, slot): Slot => ({ user: base + slot, names: namesOf(state.id, slot) }))
  const pool = slotPool(slots, (slot, diskBytes, onDestroyed) => openSandbox(site, slot, diskBytes, onDestroyed))
  const close = async () => {
    await pool.close()
    state.release()
  }
  try {
    const sandbox = await pool.open({ diskBytes: selfTestDiskBytes }) // in the first slot, as nothing else is open yet
    await selfTest(sandbox, { architecture, user: base, shared: runtime === 'runc' })
    await sandbox.destroy()
  } catch (cause) {
    await close()
    throw cause
  }
  return {
    name: 'docker',
    version: `${image.server}, ${runtime}, ${image.id.slice(0, shownDigest)}`,
    isolation: runtime === 'runsc' ? 'kernel-private' : 'kernel-shared',
    mechanisms: mechanismsOf(runtime, groups, hostGroups()),
    cannot: cannot(runtime, groups),
    slots: options.slots,
    findings: findingsOf(settings, image, base, options.slots),
    broken: new Promise(() => {}), // the daemon may come back, and then everything works again
    open: pool.open,
    close,
  }
}

const hostGroups = () => (existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1)
