/** The engine's own proof, at each start and in this very cluster: whatever does not hold refuses the engine. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunOutcome, Sandbox } from '../../engine.ts'
import { Obstacle } from '../../obstacle.ts'
import type { Limits } from '../../spec.ts'
import { type Architecture, requiredNumber, type SyscallName } from '../../supervision/syscalls.ts'

const mebibyte = 2 ** 20
const limits: Limits = {
  wallMs: 20_000,
  cpuMs: 10_000,
  memoryBytes: 64 * mebibyte,
  processes: 8,
  outputBytes: 64 * 1024,
  diskBytes: 4 * mebibyte,
}
const calls: readonly SyscallName[] = [
  'bpf',
  'chroot',
  'io_uring_setup',
  'keyctl',
  'mount',
  'perf_event_open',
  'ptrace',
  'socket',
  'unshare',
  'userfaultfd',
]
const allocation = 'my @kept; push @kept, "x" x 1048576 for 1 .. 512; sleep 5'
const remedy = 'docs/guides/kubernetes-engine.md says what a namespace and its nodes must offer.'

export async function selfTest(sandbox: Sandbox, architectureOf: () => Architecture, signal: AbortSignal): Promise<void> {
  await sandbox.put([{ path: 'self-test.pl', content: readFileSync(join(import.meta.dirname, 'self-test.pl')) }])
  await sandbox.seal()
  await perl(sandbox, ['-e', ''], signal) // only then is the node's processor known
  const numbers = calls.map((name) => `${name}=${requiredNumber(name, architectureOf())}`).join(' ')
  const [tried, outcome] = await perl(sandbox, ['/work/self-test.pl', numbers], signal)
  const [bomb, fattened] = await perl(sandbox, ['-e', allocation], signal)

  const broken = tried.split('\n').filter((line) => line !== '' && line !== 'done')
  if (!tried.endsWith('done\n'))
    broken.push(`the self-test ended early (${outcome.reason}, ${outcome.signal ?? outcome.exitCode}): ${tried}`)
  if (fattened.reason !== 'memory') broken.push(`the memory limit does not hold (${fattened.reason}): ${bomb}`)
  if (broken.length > 0)
    throw new Obstacle(`The kubernetes engine does not isolate in this cluster: ${broken.join('; ')}.`, remedy)
}

async function perl(
  sandbox: Sandbox,
  args: readonly string[],
  signal: AbortSignal,
): Promise<[text: string, outcome: RunOutcome]> {
  const chunks: Uint8Array[] = []
  const outcome = await sandbox.run(
    { command: ['/usr/bin/perl', ...args], env: {}, stdin: new Uint8Array(), limits, show: [] },
    (_stream, chunk) => chunks.push(chunk),
    signal,
  )
  signal.throwIfAborted()
  return [Buffer.concat(chunks).toString('utf8'), outcome]
}
