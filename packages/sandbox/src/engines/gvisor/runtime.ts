/** gVisor's runsc: each sandbox has a kernel of its own, a process of ours on the host's. No Docker, no daemon. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import {
  commonMounts,
  containerConfig,
  type Mount,
  type RunParts,
  readOnly,
  sharedMemoryBytes,
  writable,
} from '../../bundle/config.ts'
import { atKeeper, scratchDirectory, stationInside } from '../../bundle/places.ts'
import type { ContainerRuntime } from '../../bundle/runtime.ts'
import { runtimeFiles } from '../../bundle/station.ts'
import type { SeccompProfile } from '../../seccomp/profile.ts'
import { baseDirectory, guardInside, perlInside } from '../../supervision/base-files.ts'
import { type Architecture, requiredNumber, type SyscallName } from '../../supervision/syscalls.ts'

/** How its kernel gets hold of system calls. Never kvm: where that is emulated it hangs, and leaves its processes behind. */
export const platforms = ['systrap', 'ptrace'] as const // the faster first; versions before 2023 have ptrace alone
export type Platform = (typeof platforms)[number]
export type Found = { readonly program: string; readonly platform: Platform; readonly architecture: Architecture }

const cannot: readonly string[] = [
  'Its kernel is a program on the kernel of the host: who breaks out of it meets the few system calls that it may make itself, as a user without rights.',
  'CPU time and memory include what its kernel uses on behalf of the program.',
  'The most processes at one time are not measured, and a program that is refused one and gives up may be told as having exited.',
  'It does not hide the timing of caches and cores that programs share.',
]

export const ownScripts = ['enter.pl', 'step-down.pl'].map((name) => join(import.meta.dirname, name))
const enterCalls: readonly SyscallName[] = ['close', 'openat']
const stepDownCalls: readonly SyscallName[] = ['prctl', 'setgroups', 'setresgid', 'setresuid']
const kernelProcesses = 512 // threads of its kernel and one process of the host for each of the program's

export function gvisorRuntime({ program, platform, architecture }: Found): ContainerRuntime {
  const runsc = [
    program,
    ...['--root', atKeeper.state, '--platform', platform, '--network', 'none'],
    ...['--ignore-cgroups', '--host-fifo', 'open', '--oci-seccomp'],
  ]
  const numbersOf = (calls: readonly SyscallName[]) =>
    calls.map((name) => `${name}=${requiredNumber(name, architecture)}`).join(' ')
  const args = [perlInside, `${baseDirectory}/enter.pl`, numbersOf(enterCalls), stationInside, perlInside, guardInside]
  return {
    engine: 'gvisor',
    isolation: 'kernel-private',
    version: `${versionOf(program)} (${platform})`,
    cannot,
    needs: ['plain-root'],
    processes: 'guest-kernel',
    ownProcesses: kernelProcesses,
    setUpThreadsMax: 0,
    stepDown: numbersOf(stepDownCalls),
    setUpDeadlineMs: 20_000,
    config: (parts) => config(parts, args),
    create: (id) => ({
      files: runtimeFiles,
      command: [...runsc, 'create', '--bundle', atKeeper.bundle, id],
    }),
    start: (id) => [...runsc, 'start', id],
  }
}

const namespaces = ['mount', 'pid', 'network', 'ipc', 'uts'].map((type) => ({ type }))

/** Its own /dev comes with the kernel. */
function config(parts: RunParts, args: readonly string[]) {
  const mounts: Mount[] = [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'nodev', 'noexec'] },
    { destination: '/sys', type: 'tmpfs', source: 'tmpfs', options: ['ro', 'size=4096'] }, // else its own, of use to nobody
    writable('/dev/shm', sharedMemoryBytes(parts.diskBytes), 'noexec'),
    writable(scratchDirectory, parts.diskBytes),
    ...commonMounts(parts),
    // Writable, or its pipes could not be written to; to the program it is closed altogether.
    { ...readOnly(atKeeper.station, stationInside), options: ['bind', 'rw', 'nosuid', 'nodev', 'noexec'] },
  ]
  const process = { user: 0, args, capabilities: ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP'] }
  return containerConfig({ ...parts, seccomp: inOlderWords(parts.seccomp) }, process, mounts, { namespaces })
}

/**
 * The profile in the words that runsc knows. It has one way to kill for a system call, and its kernel ends the whole process.
 * It answers EPERM whatever error the profile asks for, upon which no C library falls back from clone3 to clone and no thread
 * ever starts: so clone3 passes, and its kernel says itself that there is no such call, or makes what namespaces it makes of
 * its own.
 */
const inOlderWords = (profile: SeccompProfile): SeccompProfile => ({
  ...profile,
  syscalls: profile.syscalls.flatMap(({ names, ...rule }) => {
    const action = rule.action === 'SCMP_ACT_KILL_PROCESS' ? 'SCMP_ACT_KILL' : rule.action
    const rest = { ...rule, action, names: names.filter((name) => name !== 'clone3') }
    return names.includes('clone3') ? [rest, { names: ['clone3'], action: 'SCMP_ACT_ALLOW' }] : [rest]
  }),
})

function versionOf(program: string): string {
  const [line = ''] = execFileSync(program, ['--version'], { encoding: 'utf8', env: {}, timeout: 5000 }).split('\n')
  return line.trim()
}
