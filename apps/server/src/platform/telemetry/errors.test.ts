import { expect, test } from 'vitest'
import { serializeError } from './errors.ts'

test('an error is written with its code and causes, and with nothing else that hangs on it', () => {
  const lost = Object.assign(new Error('connection terminated', { cause: new Error('reset') }), {
    code: '57P01',
    client: { password: 'hunter2' },
  })
  const written = JSON.stringify(serializeError(lost))
  expect(written).toContain('connection terminated')
  expect(written).toContain('57P01')
  expect(written).toContain('reset')
  expect(written).not.toContain('hunter2')
})

test('causes that lead back to the error come to an end', () => {
  const error = new Error('round')
  error.cause = error
  expect(JSON.stringify(serializeError(error)).length).toBeLessThan(50_000)
})
