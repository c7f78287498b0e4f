/** How these attacks are written: each takes more than its limit, in an amount that harms no machine, so that it has a control. */
import type { Limits } from '../../../spec.ts'
import type { Control } from '../../attack.ts'

const mebibyte = 2 ** 20

/** Says `reached` when nobody stopped it. Being refused ends it by a signal, which is no way for a broken program to end. */
export const takes = (body: string) => `import ctypes, fcntl, hashlib, mmap, os, resource, signal, socket, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
MiB = 1 << 20
def checked(result):
    if result in (-1, None): raise OSError(ctypes.get_errno(), "refused")
    return result
try:
${body
  .trim()
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
except (OSError, MemoryError, RuntimeError) as error:
    os.write(2, repr(error).encode())
    os.kill(os.getpid(), signal.SIGUSR1)
os.write(1, b"@NONCE@ reached yes\\n")
`

/** Never said by whoever was stopped. */
export const neverReached = { says: {} } as const

/** Limits under which every one of them gets what it takes. */
export const room: Partial<Limits> = {
  wallMs: 20_000,
  cpuMs: 15_000,
  memoryBytes: 1024 * mebibyte,
  processes: 400,
  outputBytes: 16 * mebibyte,
  diskBytes: 256 * mebibyte,
}
export const reachedOnProcess: Control = { on: 'process', with: { limits: room }, shows: 'reached: yes' }
