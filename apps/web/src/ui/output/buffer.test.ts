import { expect, test } from 'vitest'
import { createOutputBuffer, type OutputBuffer, rowCharactersMax } from './buffer.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const shown = (buffer: OutputBuffer) =>
  buffer
    .snapshot()
    .rows.map((row) =>
      row.kind === 'output' ? `${row.stream}: ${row.text}` : row.kind === 'cut' ? `cut ${row.omittedBytes}` : `run ${row.run}`,
    )

test('rows keep the order of arrival across both streams', () => {
  const buffer = createOutputBuffer()
  buffer.append('run', 'stdout', bytes('one\ntwo\n'))
  buffer.append('run', 'stderr', bytes('oops\n'))
  buffer.append('run', 'stdout', bytes('three\n'))
  expect(shown(buffer)).toEqual(['stdout: one', 'stdout: two', 'stderr: oops', 'stdout: three'])
})

test('a line that arrives in pieces is one row, unless the other stream wrote in between', () => {
  const buffer = createOutputBuffer()
  buffer.append('run', 'stdout', bytes('na'))
  buffer.append('run', 'stdout', bytes('me: '))
  buffer.append('run', 'stderr', bytes('!\n'))
  buffer.append('run', 'stdout', bytes('Ada\n'))
  expect(shown(buffer)).toEqual(['stdout: name: ', 'stderr: !', 'stdout: Ada'])
})

test('a character that is split between two chunks is put together, and an invalid byte is replaced', () => {
  const buffer = createOutputBuffer()
  const euro = bytes('€\n')
  buffer.append('run', 'stdout', euro.slice(0, 1))
  buffer.append('run', 'stdout', euro.slice(1))
  buffer.append('run', 'stdout', new Uint8Array([0x61, 0xff, 0x62, 0x0a]))
  expect(shown(buffer)).toEqual(['stdout: €', 'stdout: a\ufffdb'])
})

test('over the bound the oldest rows go, and what went is counted', () => {
  const buffer = createOutputBuffer({ bytesMax: 1000, rowsMax: 1_000_000 })
  for (let n = 0; n < 100; n++) buffer.append('run', 'stdout', bytes(`${'x'.repeat(98)}${n % 10}\n`))
  const { rows, bytes: kept, droppedBytes } = buffer.snapshot()
  expect(kept).toBeLessThanOrEqual(1000)
  expect(kept + droppedBytes).toBe(10_000)
  expect(rows.at(-1)).toMatchObject({ text: `${'x'.repeat(98)}9` })
})

test('a flood of empty lines is bounded by their number', () => {
  const buffer = createOutputBuffer({ bytesMax: 1_000_000, rowsMax: 1000 })
  buffer.append('run', 'stdout', bytes('\n'.repeat(100_000)))
  expect(buffer.snapshot().rows.length).toBeLessThanOrEqual(1000)
})

test('a line without an end is several rows, none longer than a browser lays out at once', () => {
  const buffer = createOutputBuffer()
  buffer.append('run', 'stdout', bytes('y'.repeat(rowCharactersMax * 3 + 5)))
  const rows = buffer.snapshot().rows
  expect(rows).toHaveLength(4)
  expect(rows.every((row) => row.kind === 'output' && row.text.length <= rowCharactersMax)).toBe(true)
})

test('a cut stands between the head and the tail, even in the middle of a row', () => {
  const buffer = createOutputBuffer()
  buffer.append('run', 'stdout', bytes('head\nhehtail\ntail\n'))
  buffer.append('run', 'stderr', bytes('other\n'))
  buffer.markCut('run', { stdout: { headBytes: 8, omittedBytes: 4096 }, stderr: null })
  expect(shown(buffer)).toEqual(['stdout: head', 'stdout: heh', 'cut 4096', 'stdout: tail', 'stdout: tail', 'stderr: other'])
})

test('the cut of one run is not looked for in another', () => {
  const buffer = createOutputBuffer()
  buffer.append('compile', 'stdout', bytes('long compile output\n'))
  buffer.append('test 1', 'stdout', bytes('ab\ncd\n'))
  buffer.markCut('test 1', { stdout: { headBytes: 3, omittedBytes: 7 }, stderr: null })
  expect(shown(buffer)).toEqual(['stdout: long compile output', 'stdout: ab', 'cut 7', 'stdout: cd'])
})

test('after a lost attempt nothing of it remains', () => {
  const buffer = createOutputBuffer()
  buffer.append('run', 'stderr', bytes('void'))
  buffer.clear()
  buffer.append('run', 'stdout', bytes('new\n'))
  expect(shown(buffer)).toEqual(['stdout: new'])
  expect(buffer.snapshot()).toMatchObject({ hasStderr: false, droppedBytes: 0 })
})
