import { expect, test } from 'vitest'
import { type NdjsonLine, readNdjson } from './ndjson.ts'

const bounds = { lineBytesMax: 100, totalBytesMax: 10_000, linesMax: 50 }
async function* pieces(text: string, size: number) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const all = async (source: AsyncIterable<NdjsonLine>) => {
  const lines: NdjsonLine[] = []
  for await (const line of source) lines.push(line)
  return lines
}
const read = (text: string, size: number) => all(readNdjson(pieces(text, size), bounds))

test.each([1, 2, 3, 7, 1_000])('lines are the same in pieces of %i bytes', async (size) => {
  const lines = await read('{"ü":"€𝄞"}\r\n\n[1]\n  \n"last"', size)
  expect(lines).toEqual([
    { index: 0, value: { ü: '€𝄞' } },
    { index: 1, value: [1] },
    { index: 2, value: 'last' },
  ])
})

test('a line is bounded while it is read, not after', async () => {
  let given = 0
  async function* endless() {
    for (;;) {
      given++
      yield Buffer.alloc(64, 'x')
    }
  }
  await expect(all(readNdjson(endless(), bounds))).rejects.toMatchObject({ code: 'body_too_large' })
  expect(given).toBe(2)
})

test('the whole and the number of lines are bounded', async () => {
  await expect(read('1\n'.repeat(51), 1_000)).rejects.toMatchObject({ code: 'body_too_large' })
  await expect(read('\n'.repeat(10_001), 1_000)).rejects.toMatchObject({ code: 'body_too_large' })
})

test('what was read before a bad line was given out already', async () => {
  const seen: unknown[] = []
  await expect(
    (async () => {
      for await (const { value } of readNdjson(pieces('1\n2\n{\n4\n', 3), bounds)) seen.push(value)
    })(),
  ).rejects.toMatchObject({ code: 'malformed_ndjson', details: { errors: [{ pointer: '/2' }] } })
  expect(seen).toEqual([1, 2])
})
