import { expect, test } from 'vitest'
import { keepOutput } from './output.ts'

function record(budget: number) {
  const got = { stdout: '', stderr: '' }
  const order: string[] = []
  const output = keepOutput(budget, (stream, chunk) => {
    got[stream] += Buffer.from(chunk).toString()
    order.push(`${stream}:${Buffer.from(chunk).toString()}`)
  })
  return { output, got, order }
}
const bytes = (text: string) => Buffer.from(text)

test('what fits is handed on whole and in order, without a cut', () => {
  const { output, order } = record(8)
  for (const [stream, text] of [
    ['stdout', 'abc'],
    ['stderr', 'de'],
    ['stdout', 'fgh'],
  ] as const)
    output.take(stream, bytes(text))
  expect(output.exceeded).toBe(false)
  expect(output.end()).toEqual({ cut: { stdout: null, stderr: null }, bytes: { stdout: 6, stderr: 2 } })
  expect(order.join(' ')).toBe('stdout:abc stderr:de stdout:f stdout:gh')
})

test('the head is handed on at once, before anything ends', () => {
  const { output, got } = record(100)
  output.take('stdout', bytes('now'))
  expect(got.stdout).toBe('now')
})

test('over the budget head and tail are kept and the cut is exact', () => {
  const { output, got } = record(8)
  output.take('stdout', bytes('0123456789abcdef'))
  expect(output.exceeded).toBe(true)
  expect(output.end()).toEqual({
    cut: { stdout: { headBytes: 6, omittedBytes: 8 }, stderr: null },
    bytes: { stdout: 16, stderr: 0 },
  })
  expect(got.stdout).toBe('012345ef')
})

test('head, omitted and tail add up to what was written, on both streams, however it is chunked', () => {
  for (let seed = 1; seed <= 200; seed++) {
    let state = seed
    const random = (below: number) => {
      state = (state * 1103515245 + 12345) % 2147483648
      return state % below
    }
    const budget = 1 + random(64)
    const { output, got } = record(budget)
    const written = { stdout: '', stderr: '' }
    for (let n = random(12); n > 0; n--) {
      const stream = random(2) === 0 ? 'stdout' : 'stderr'
      const text = Array.from({ length: random(40) }, () => String.fromCharCode(97 + random(26))).join('')
      written[stream] += text
      output.take(stream, bytes(text))
    }
    const { cut } = output.end()
    expect(got.stdout.length + got.stderr.length).toBeLessThanOrEqual(budget)
    for (const stream of ['stdout', 'stderr'] as const) {
      const { headBytes, omittedBytes } = cut[stream] ?? { headBytes: got[stream].length, omittedBytes: 0 }
      const kept = written[stream].slice(0, headBytes) + written[stream].slice(headBytes + omittedBytes)
      expect(got[stream]).toBe(kept)
    }
  }
})
