/** What our two programs in a pod are told; wire.pl has the other end. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { architectures, requiredNumber, type SyscallName } from '../../supervision/syscalls.ts'
import type { Input } from './attach.ts'
import type { Tree } from './tree.ts'

const chunkBytes = 256 * 1024
const calls: readonly SyscallName[] = [
  'clock_gettime',
  'close',
  'dup3',
  'exit_group',
  'fcntl',
  'getrusage',
  'lseek',
  'memfd_create',
  'prctl',
  'prlimit64',
  'seccomp',
  'setsid',
  'statfs',
  'wait4',
  'write',
]

/** The text of a program, which the container's bootstrap waits for, with its length before it. */
export function programText(name: 'loader.pl' | 'keeper.pl'): Buffer {
  const numbers = architectures.map(
    (one) => `${one} => '${calls.map((call) => `${call}=${requiredNumber(call, one)}`).join(' ')}'`,
  )
  const read = (file: string) => readFileSync(join(import.meta.dirname, file))
  const text = Buffer.concat([Buffer.from(`our %numbers = (${numbers.join(', ')});\n`), read('wire.pl'), read(name)])
  return Buffer.concat([lengthOf(text.length), text])
}

export type FrameType = 'a' | 'd' | 'f' | 'g' | 'i' | 'k' | 'l' | 'r' | 'w' | 'x' | 'z'

export function frame(type: FrameType, payload: Uint8Array | string = ''): Buffer {
  const bytes = Buffer.from(payload as Uint8Array) // one of two overloads that both take what is given
  return Buffer.concat([lengthOf(bytes.length + 1), Buffer.from(type), bytes])
}

/** Bytes of any length, as frames of a bounded one. */
export function* frames(type: FrameType, bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield frame(type, bytes.subarray(at, at + chunkBytes))
}

export async function sendTree(input: Input, tree: Tree): Promise<void> {
  for (const [path, entry] of tree) {
    const name = Buffer.from(path, 'latin1')
    if (entry.kind === 'link') {
      await input.send(frame('l', Buffer.concat([name, Buffer.from([0]), entry.target])))
      continue
    }
    const named = Buffer.concat([Buffer.from(`${entry.mode.toString(8)}\0`), name])
    await input.send(frame(entry.kind === 'file' ? 'f' : 'd', named))
    if (entry.kind === 'file') for (const each of frames('w', entry.content)) await input.send(each)
  }
  await input.send(frame('z'))
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}
