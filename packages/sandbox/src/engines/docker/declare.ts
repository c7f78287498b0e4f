/** What the engine says of itself: how it holds each limit, what it cannot, and what an operator should know. */
import type { Engine } from '../../engine.ts'
import type { Mechanism } from '../../spec.ts'
import type { Finding } from '../../supervision/finding.ts'
import { isLoopback } from './address.ts'
import type { Image } from './calls.ts'
import type { GroupsSeen } from './group-report.ts'
import type { DockerSettings, Runtime } from './settings.ts'

/**
 * The daemon holds memory and processes with cgroups, whether we see them or not; which version, a container of runc tells.
 * Where the guard inside cannot read them it adds up the CPU time of the processes that it sees.
 */
export function mechanismsOf(runtime: Runtime, seen: GroupsSeen, hostVersion: 1 | 2): Engine['mechanisms'] {
  const cgroup: Mechanism = (seen.version ?? hostVersion) === 2 ? 'cgroup-v2' : 'cgroup-v1'
  return {
    wallMs: 'supervisor',
    cpuMs: seen.cpu ? cgroup : 'sampled',
    memoryBytes: cgroup,
    processes: runtime === 'runsc' ? 'guest-kernel' : cgroup, // the group of a runsc container counts its kernel's threads
    outputBytes: 'supervisor',
    diskBytes: 'tmpfs',
  }
}

export function cannot(runtime: Runtime, { version }: GroupsSeen): readonly string[] {
  const socketBuffers =
    'With control groups of version 1 the buffers of a program’s internet sockets are not part of its memory limit: runc does not set theirs.'
  const always = [
    'It shows no files of the host: interpreters and compilers are those of the image, where they must lie as on the executor’s machine; the image must also contain Perl.',
    'It starts a container for each run, which takes some tenths of a second, and one more for each sandbox.',
    'Who ends a container behind its back, with "docker kill" for example, makes that run look as if it had run out of memory.',
    'The daemon is trusted: whoever controls it, or its socket without a proxy, controls the machine it runs on.',
    'A daemon that stops while sandboxes are open keeps an empty anonymous volume for each; "docker volume prune" removes it.',
    'It reports kernel, processor and load of the machine that it runs on, not of a daemon elsewhere.',
    'Figures of bytes read and written are not known.',
  ]
  return runtime === 'runsc'
    ? [
        ...always,
        'Memory is measured and limited with that of the sandbox’s own kernel, for which 64 MiB are added.',
        'CPU time is looked up from time to time in its kernel, and the most processes at one time too: what is shorter can be missed.',
      ]
    : [
        ...always,
        'Programs share the kernel of the daemon’s machine: a bug in that kernel would be a way out.',
        ...(version === 1 ? [socketBuffers] : []),
        'A program can read the figures and limits of its own control group; the guard reads them there too.',
        'The root file system can hold files that change the user; without new privileges they change nothing.',
        'A program can read where on the host the daemon keeps its layers, and how much memory and how many processors the machine has.',
        'Peak memory and peak processes below what the runtime’s own start takes, some 10 MiB and 10 threads, are approximated.',
      ]
}

export function findingsOf(
  { address, host, runtime, image: wanted }: DockerSettings,
  image: Image,
  uidBase: number,
  slots: number,
): Finding[] {
  const tested: Finding = {
    level: 'ok',
    text: `The docker engine attacked its own sandbox when it started, and nothing got out (${image.server}, ${runtime}, image ${wanted}).`,
    remedy: null,
  }
  const separate: Finding = {
    level: 'ok',
    text: `Each sandbox runs as a user of its own, ${uidBase} to ${uidBase + slots - 1} in the daemon’s eyes.`,
    remedy: null,
  }
  const open: Finding = {
    level: 'warning',
    text: `The Docker API at ${host} is reached over the network without encryption: whoever reads along reads every program.`,
    remedy: 'Let a tunnel (ssh, stunnel, WireGuard) end on this machine and give its address.',
  }
  return [tested, separate, ...(isLoopback(address) ? [] : [open])]
}
