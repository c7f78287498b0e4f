import { limitDefaults, limitMaxima, limitNames } from '@crucible/contracts'
import { expect, test } from 'vitest'
import { grantLimits } from './limits.ts'

const policy = { defaults: limitDefaults, maxima: limitMaxima }

test('what is not asked for is the default', () => {
  expect(grantLimits({ wallMs: 5 }, policy)).toEqual({ ...limitDefaults, wallMs: 5 })
})

test('each limit over its maximum is refused by name, with the maximum', () => {
  const asked = Object.fromEntries(limitNames.map((name) => [name, limitMaxima[name] + 1]))
  try {
    grantLimits(asked, policy, '/7')
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({
      code: 'limit_exceeded',
      details: {
        errors: limitNames.map((name) => ({
          pointer: `/7/limits/${name}`,
          detail: expect.stringContaining(String(limitMaxima[name])),
        })),
      },
    })
  }
})

test('the maximum itself is granted', () => {
  expect(grantLimits({ wallMs: limitMaxima.wallMs }, policy).wallMs).toBe(limitMaxima.wallMs)
})

test('an organization whose maximum is below the default gets its maximum', () => {
  expect(grantLimits({}, { defaults: limitDefaults, maxima: { ...limitMaxima, wallMs: 100 } }).wallMs).toBe(100)
})
