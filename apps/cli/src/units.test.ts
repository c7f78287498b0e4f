import { expect, test } from 'vitest'
import { formatDuration, formatSize, parseCount, parseDuration, parseSize } from './units.ts'

test.each([
  ['5s', 5000],
  ['250ms', 250],
  ['2m', 120_000],
  ['1.5s', 1500],
  [' 10 S ', 10_000],
])('%s is a time', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})
test.each([
  ['256MiB', 268_435_456],
  ['64M', 67_108_864],
  ['1GB', 1e9],
  ['4096B', 4096],
  ['1k', 1024],
])('%s is a size', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})
test.each(['5', '', '-1s', '0s', '1e3s', 'NaNs', 'Infinitys', '5 parsecs', '999999999999999999s', '5sconstructor'])(
  '%j is no time',
  (text) => {
    expect(() => parseDuration(text)).toThrow('5s')
  },
)
test.each(['0', '-1', '1.5', '', 'x', '9007199254740993'])('%j is no count', (text) => {
  expect(() => parseCount(text)).toThrow('whole number')
})
test('times and sizes are shown in the unit that a person would use', () => {
  expect([17.4, 1234, 12_345, 83_000].map(formatDuration)).toEqual(['17 ms', '1.23 s', '12.3 s', '1 min 23 s'])
  expect([512, 9_500_000, 268_435_456, 3 * 1024 ** 3].map(formatSize)).toEqual(['512 B', '9.1 MiB', '256 MiB', '3.0 GiB'])
})
