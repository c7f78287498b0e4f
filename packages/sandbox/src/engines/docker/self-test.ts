/**
 * The engine's own proof, at each start and with this very daemon, runtime and image: a program inside tries what must
 * not work. Whatever does not hold refuses the engine.
 */
import { readFileSync } from 'node:fs'
import type { RunOutcome, Sandbox } from '../../engine.ts'
import { Obstacle } from '../../obstacle.ts'
import type { Limits } from '../../spec.ts'
import { type Architecture, requiredNumber, type SyscallName } from '../../supervision/syscalls.ts'

const MiB = 2 ** 20
export const selfTestDiskBytes = 4 * MiB
const limits: Limits = {
  wallMs: 30_000,
  cpuMs: 10_000,
  memoryBytes: 64 * MiB,
  processes: 8,
  outputBytes: 64 * 1024,
  diskBytes: selfTestDiskBytes,
}
const calls: readonly SyscallName[] = [
  'mount',
  'unshare',
  'ptrace',
  'bpf',
  'keyctl',
  'io_uring_setup',
  'userfaultfd',
  'chroot',
  'socket',
]
const allocation = 'my @kept; push @kept, "x" x 1048576 for 1 .. 512; sleep 1'
const perl = '/usr/bin/perl'
const deadlineMs = 120_000

export async function selfTest(
  sandbox: Sandbox,
  { architecture, user, shared }: { architecture: Architecture; user: number; shared: boolean },
): Promise<void> {
  const numbers = calls.map((name) => `${name}=${requiredNumber(name, architecture)}`).join(' ')
  await sandbox.put([{ path: 'self-test.pl', content: readFileSync(new URL('self-test.pl', import.meta.url)) }])
  const [tried, outcome] = await run(sandbox, ['/work/self-test.pl', String(user), shared ? '1' : '0', numbers])
  const [bomb, fattened] = await run(sandbox, ['-e', allocation])
  const broken = tried.split('\n').filter((line) => line !== '' && line !== 'done')
  if (!tried.endsWith('done\n')) {
    broken.push(`the self-test ended early (${outcome.reason}, ${outcome.signal ?? outcome.exitCode}): ${tried}`)
  }
  if (fattened.reason !== 'memory') broken.push(`the memory limit does not hold (${fattened.reason}): ${bomb}`)
  if (broken.length === 0) return
  throw new Obstacle(
    `The engine docker does not isolate with this daemon: ${broken.join('; ')}.`,
    'Compare the daemon, its runtime and its proxy with docs/guides/docker-engine.md; until then choose another engine.',
  )
}

async function run(sandbox: Sandbox, args: readonly string[]): Promise<[text: string, outcome: RunOutcome]> {
  const chunks: Uint8Array[] = []
  const outcome = await sandbox.run(
    { command: [perl, ...args], env: {}, stdin: new Uint8Array(), limits, show: [] },
    (_stream, chunk) => chunks.push(chunk),
    AbortSignal.timeout(deadlineMs),
  )
  return [Buffer.concat(chunks).toString('utf8'), outcome]
}
