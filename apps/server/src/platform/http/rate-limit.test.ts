import { expect, test } from 'vitest'
import { addressKey, createLimiter } from './rate-limit.ts'

test('a bucket empties, refuses with the wait, and fills again with time', () => {
  let nowMs = 0
  const limiter = createLimiter({ perMinute: 60, clockMs: () => nowMs })
  for (let left = 59; left >= 0; left--) expect(limiter.take('a')).toEqual({ remaining: left })
  expect(() => limiter.take('a')).toThrow(expect.objectContaining({ code: 'rate_limited', details: { retryAfterSeconds: 1 } }))
  expect(limiter.take('b')).toEqual({ remaining: 59 })
  nowMs = 1_000
  expect(limiter.take('a')).toEqual({ remaining: 0 })
})

test('however many names there are, memory is bounded and the busy ones stay counted', () => {
  const limiter = createLimiter({ perMinute: 2, clockMs: () => 0 })
  limiter.take('busy')
  for (let n = 0; n < 50_000; n++) {
    limiter.take(`other ${n}`)
    if (n === 9_000) limiter.take('busy')
  }
  expect(limiter.take('busy')).toEqual({ remaining: 1 }) // forgotten in the end, that is, refilled
})

test('an IPv6 address counts with its whole /64', () => {
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe(addressKey('2001:db8:1:2::1'))
  expect(addressKey('::ffff:192.0.2.1')).toBe('::ffff:192.0.2.1')
  expect(addressKey('192.0.2.1')).toBe('192.0.2.1')
})
