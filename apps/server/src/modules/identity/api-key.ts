import { createHash } from 'node:crypto'
import type { Randomness } from '../../platform/ids/index.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const secretLength = 32 // 62^32 is 190 bits
const format = /^crk_[0-9A-Za-z]{32,64}$/

export type MintedKey = { readonly text: string; readonly prefix: string; readonly last4: string; readonly hash: Buffer }

/** A new key. The text is shown once and never stored. */
export function mintKey(randomness: Randomness): MintedKey {
  let secret = ''
  while (secret.length < secretLength) {
    // Bytes from 248 on would make the first letters likelier than the rest.
    for (const byte of randomness(new Uint8Array(64)))
      if (byte < 248 && secret.length < secretLength) secret += alphabet.charAt(byte % 62)
  }
  return describeKey(`crk_${secret}`)
}

export const isKey = (text: string) => format.test(text)
export const describeKey = (text: string): MintedKey => ({
  text,
  prefix: text.slice(0, 8),
  last4: text.slice(-4),
  hash: hashKey(text),
})
export const hashKey = (text: string) => createHash('sha256').update(text).digest()
