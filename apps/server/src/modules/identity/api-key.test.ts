import { expect, test } from 'vitest'
import { isKey, mintKey } from './api-key.ts'

test('a key uses each character of its alphabet about equally often', () => {
  const counts = new Map<string, number>()
  let state = 1
  // A generator of full period: every byte value comes equally often, so that a bias could only be ours.
  const everyByte = (bytes: Uint8Array) =>
    bytes.map(() => {
      state = (state * 65_793 + 4_282_663) % 2 ** 23
      return state >> 15
    })
  for (let n = 0; n < 62 * 20; n++)
    for (const character of mintKey(everyByte).text.slice(4)) counts.set(character, (counts.get(character) ?? 0) + 1)
  const spread = [...counts.values()]
  expect(counts.size).toBe(62)
  expect(Math.max(...spread) / Math.min(...spread)).toBeLessThan(1.25)
})

test.each(['crk_', `crk_${'a'.repeat(31)}`, `crk_${'a'.repeat(65)}`, `CRK_${'a'.repeat(32)}`, `crk_${'a'.repeat(31)}-`])(
  '%s is no key',
  (text) => {
    expect(isKey(text)).toBe(false)
  },
)
