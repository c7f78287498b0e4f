/**
 * Containers through the Docker Engine API: the daemon makes the sandbox, and this process needs no right but to ask it. It
 * makes seven calls (calls.ts) and works behind a proxy that denies all others.
 */

import { existsSync } from 'node:fs'
import { EngineFault, type EngineOptions, type FoundEngine, type Sandbox } from '../../engine.ts'
import { Obstacle } from '../../obstacle.ts'
import { compileFilter } from '../../seccomp/compile.ts'
import { seccompProfile } from '../../seccomp/profile.ts'
import { type Architecture, requiredNumber, type SyscallName } from '../../supervision/syscalls.ts'
import { type Calls, dockerCalls, type Image } from './calls.ts'
import { cannot, findingsOf, mechanismsOf } from './declare.ts'
import type { GroupsSeen } from './group-report.ts'
import { dockerHttp } from './http.ts'
import { namesOf } from './names.ts'
import { openSandbox, type Site, type Slot } from './sandbox.ts'
import { selfTest, selfTestDiskBytes } from './self-test.ts'
import { type DockerSettings, type Runtime, readSettings } from './settings.ts'
import { takeState } from './state.ts'

const defaultUidBase = 1_750_000_000
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
  const http = dockerHttp(settings.address)
  try {
    const calls = dockerCalls(http)
    const { image, architecture } = await findImage(calls, settings, AbortSignal.timeout(10_000))
    const state = await takeState(options.stateDir, options.slots, calls)
    const release = async () => {
      state.release()
      http.close()
    }
    let groups: GroupsSeen = { version: null, cpu: false, memory: false, pids: false }
    const site: Site = {
      calls,
      image: image.id,
      runtime: settings.runtime,
      seccomp: JSON.stringify(seccompProfile(architecture)),
      // runsc answers the program's calls itself and ignores the profile; the guard has its kernel apply the same filter.
      filter: settings.runtime === 'runsc' ? compileFilter(architecture) : null,
      guardReachable: settings.runtime === 'runsc',
      cpus: settings.cpus,
      processors: Math.max(1, Math.ceil(settings.cpus)),
      guardNumbers: guardCalls.map((name) => `${name}=${requiredNumber(name, architecture)}`).join(' '),
      overheadBytes: overheadBytes[settings.runtime],
      onGroups: (seen) => {
        groups = seen
      },
    }
    const base = options.uidBase ?? defaultUidBase
    const slots = Array.from(
      { length: options.slots },
      (_, slot): Slot => ({ user: base + slot, names: namesOf(state.id, slot) }),
    )
    const pool = makePool(site, slots)
    try {
      const sandbox = await pool.open({ diskBytes: selfTestDiskBytes })
      try {
        await selfTest(sandbox, { architecture, user: base, shared: settings.runtime === 'runc' })
      } finally {
        await sandbox.destroy()
      }
    } catch (cause) {
      await pool.close()
      await release()
      throw cause
    }
    return {
      name: 'docker',
      version: `${image.server}, ${settings.runtime}, ${image.id.slice(0, 19)}`,
      isolation: settings.runtime === 'runsc' ? 'kernel-private' : 'kernel-shared',
      mechanisms: mechanismsOf(settings.runtime, groups, hostGroups()),
      cannot: cannot(settings.runtime, groups),
      slots: options.slots,
      findings: findingsOf(settings, image, base, options.slots),
      broken: new Promise(() => {}), // the daemon may come back, and then everything works again
      open: pool.open,
      async close() {
        await pool.close()
        await release()
      },
    }
  } catch (cause) {
    http.close()
    throw cause
  }
}

/** Throws an Obstacle when the daemon does not answer, or lacks the image. */
export async function findImage(
  calls: Calls,
  settings: DockerSettings,
  signal: AbortSignal,
): Promise<{ image: Image; architecture: Architecture }> {
  const image = await calls.inspectImage(settings.image, signal).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    const denied = /EACCES|EPERM/.test(why)
    throw new Obstacle(
      why.endsWith('.') ? why : `${why}.`,
      denied
        ? 'Let the executor’s user reach the socket, best one of a proxy, or give --docker-host.'
        : 'Start the daemon, let its proxy pass the seven calls of docs/guides/docker-engine.md, or give another --docker-host.',
      { cause },
    )
  })
  if (!image) {
    throw new Obstacle(
      `The Docker daemon at ${settings.host} has no image ${settings.image}.`,
      `Run "docker pull ${settings.image}" there; the engine never pulls.`,
    )
  }
  const architecture = ({ amd64: 'x64', arm64: 'arm64' } as const)[image.architecture]
  if (image.os !== 'linux' || !architecture) {
    throw new Obstacle(
      `The image ${settings.image} is for ${image.os} on ${image.architecture}.`,
      'Give --docker-image one for Linux on amd64 or arm64.',
    )
  }
  return { image, architecture }
}

function makePool(site: Site, slots: readonly Slot[]) {
  const free = [...slots]
  const open = new Set<Sandbox>()
  let closing: Promise<void> | null = null
  return {
    async open({ diskBytes }: { diskBytes: number }): Promise<Sandbox> {
      if (closing) throw new EngineFault('The engine is closing.')
      const slot = free.shift()
      if (!slot) throw new EngineFault(`All ${slots.length} sandboxes are open.`)
      const sandbox = await openSandbox(site, slot, diskBytes, () => {
        open.delete(sandbox)
        free.push(slot)
      }).catch((cause: unknown) => {
        free.push(slot)
        throw cause
      })
      open.add(sandbox)
      return sandbox
    },
    close(): Promise<void> {
      closing ??= Promise.all([...open].map((sandbox) => sandbox.destroy())).then(() => {})
      return closing
    },
  }
}

const hostGroups = () => (existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1)
