/**
 * The channel over which a hidden program reports that it came to its end. The nonce is new for every run and is
 * neither a file, an argument nor a variable: exit codes and printed words earn nothing.
 */
import type { RunOutcome } from '../engine.ts'

const nonceBytes = 32 // 64 characters in hexadecimal; the compiled runners count on it

export type Channel = { readonly given: Uint8Array; readonly passed: (outcome: RunOutcome) => boolean }

/** `code` null: it is compiled in already, and only the nonce is given. */
export function openChannel(code: string | null, randomBytes: (length: number) => Uint8Array): Channel {
  const nonce = Buffer.from(Buffer.from(randomBytes(nonceBytes)).toString('hex'), 'latin1')
  return {
    given: code === null ? nonce : Buffer.concat([Buffer.from(code, 'utf8'), Buffer.from([0]), nonce]),
    passed: ({ report, reason, exitCode }) => reason === 'exited' && exitCode === 0 && nonce.equals(report),
  }
}
