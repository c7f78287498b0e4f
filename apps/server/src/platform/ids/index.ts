import { randomFillSync } from 'node:crypto'
import { type Id, type IdPrefix, idOf } from '@crucible/contracts'
import type { Clock } from '../clock/index.ts'

/** Fills the array with unpredictable bytes. */
export type Randomness = (bytes: Uint8Array) => Uint8Array
export const systemRandomness: Randomness = (bytes) => randomFillSync(bytes)

/** Makes a new public id; they sort by the time of their making. */
export type NewId = <P extends IdPrefix>(prefix: P) => Id<P>

export const newIds =
  (clock: Clock, randomness: Randomness): NewId =>
  (prefix) =>
    idOf(prefix, uuidV7(clock.now().getTime(), randomness(new Uint8Array(10))))

export const systemIds = newIds({ now: () => new Date() }, systemRandomness)

/** RFC 9562 version 7: 48 bits of milliseconds, then random. Made here because PostgreSQL has uuidv7() only from 18 on. */
export function uuidV7(unixMs: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(unixMs, 0, 6)
  bytes.set(random.subarray(0, 10), 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
