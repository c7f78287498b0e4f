import { expect, test } from 'vitest'
import { createHostReader } from './host.ts'

test('steal is the eighth figure of all processors together, and unknown where the machine does not tell it', () => {
  const of = (stat: string) =>
    createHostReader(
      () => 0,
      () => stat,
    )().stealMs
  expect(of('cpu  917620 115137 581764 1331432 7930 0 6052 1070 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n')).toBe(10_700)
  expect(of('cpu  1 2 3 4\n')).toBeNull()
  expect(of('')).toBeNull()
})

test('this machine tells its load, and is not asked again within a tenth of a second', () => {
  let nowMs = 0
  let asked = 0
  const read = createHostReader(
    () => nowMs,
    () => `cpu 0 0 0 0 0 0 0 ${++asked} 0 0`,
  )
  expect(read().loadAverage).toBeGreaterThanOrEqual(0)
  nowMs = 100
  expect(read().stealMs).toBe(10)
  nowMs = 101
  expect(read().stealMs).toBe(20)
})
