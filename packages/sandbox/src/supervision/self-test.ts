/**
 * The engine's own proof, at each start and on this very machine: a program inside tries what must not work. Whatever
 * does not hold refuses the engine, because a sandbox that is believed and leaks is worse than none.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunOutcome, Sandbox } from '../engine.ts'
import { Obstacle } from '../obstacle.ts'
import type { Limits } from '../spec.ts'
import { perlInside } from './base-files.ts'
import { type Architecture, requiredNumber, type SyscallName } from './syscalls.ts'

const MiB = 1024 * 1024
const limits: Limits = {
  wallMs: 20_000,
  cpuMs: 10_000,
  memoryBytes: 64 * MiB,
  processes: 8,
  outputBytes: 64 * 1024,
  diskBytes: 4 * MiB,
}
const calls: readonly SyscallName[] = [
  'mount',
  'unshare',
  'ptrace',
  'bpf',
  'keyctl',
  'io_uring_setup',
  'userfaultfd',
  'perf_event_open',
  'chroot',
  'socket',
  'clone',
  'prctl',
  'exit_group',
]
const allocation = 'my @kept; push @kept, "x" x 1048576 for 1 .. 512; sleep 1'
const remedy = 'Run "crucible doctor" and report what it prints; until then choose another engine.'

export type SelfTestDeps = {
  readonly engine: string
  readonly architecture: Architecture
  /** Of a file of the work directory, as the executor sees users. */
  readonly ownerOf: (path: string) => number
}

/**
 * `expectedUid` is the user as whom the programs of this sandbox must run, as the executor sees users. Zero only for root
 * of a user namespace, who is somebody ordinary outside; chooseIdentity refuses every other root.
 */
export async function selfTest(sandbox: Sandbox, deps: SelfTestDeps, expectedUid: number): Promise<void> {
  const numbers = calls.map((name) => `${name}=${requiredNumber(name, deps.architecture)}`).join(' ')
  await sandbox.put([{ path: 'self-test.pl', content: readFileSync(join(import.meta.dirname, 'self-test.pl')) }])
  const [tried, outcome] = await perl(sandbox, ['/work/self-test.pl', numbers])
  const [bomb, fattened] = await perl(sandbox, ['-e', allocation])

  const broken = tried.split('\n').filter((line) => line !== '' && line !== 'done')
  if (!tried.endsWith('done\n'))
    broken.push(`the self-test ended early (${outcome.reason}, ${outcome.signal ?? outcome.exitCode}): ${tried}`)
  if (fattened.reason !== 'memory') broken.push(`the memory limit does not hold (${fattened.reason}): ${bomb}`)
  const owner = deps.ownerOf('self-test')
  if (owner !== expectedUid) broken.push(`programs run as host user ${owner} instead of ${expectedUid}`)
  if (broken.length > 0)
    throw new Obstacle(`The engine ${deps.engine} does not isolate on this machine: ${broken.join('; ')}.`, remedy)
}

async function perl(sandbox: Sandbox, args: readonly string[]): Promise<[text: string, outcome: RunOutcome]> {
  const chunks: Uint8Array[] = []
  const outcome = await sandbox.run(
    { command: [perlInside, ...args], env: {}, stdin: new Uint8Array(), limits, show: [] },
    (_stream, chunk) => chunks.push(chunk),
    AbortSignal.timeout(30_000),
  )
  return [Buffer.concat(chunks).toString('utf8'), outcome]
}
