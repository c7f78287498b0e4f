import { expect, test } from 'vitest'
import { keep, type Running, untilReady } from './supervise.ts'

const quick = { max: 3, withinMs: 60_000, firstDelayMs: 1 }

/** Starts things that end when told to, and remembers them. */
function starter() {
  const started: { end: (how: string) => void; isStopped: boolean }[] = []
  let onStart: () => void = () => {}
  const start = async (): Promise<Running> => {
    const { promise: ended, resolve: end } = Promise.withResolvers<string>()
    const one = { end, isStopped: false }
    started.push(one)
    onStart()
    return {
      ended,
      stop: async () => {
        one.isStopped = true
        end('stopped')
      },
    }
  }
  const next = () => new Promise<void>((resolve) => (onStart = resolve))
  return { started, start, next }
}

test('what ends by itself is started again', async () => {
  const { started, start, next } = starter()
  const said: string[] = []
  const kept = keep('it', start, (sentence) => said.push(sentence), quick)
  await kept.started
  const again = next()
  started[0]?.end('SIGKILL')
  await again
  expect(said).toEqual(['it ended by SIGKILL; it is started again'])
  await kept.stop()
  expect(started.map(({ isStopped }) => isStopped)).toEqual([false, true])
})

test('what ends again and again is given up', async () => {
  const kept = keep(
    'it',
    async () => ({ ended: Promise.resolve('exit code 1'), stop: async () => {} }),
    () => {},
    quick,
  )
  expect(await kept.givenUp).toBe('it ended 4 times within 60 s, last by exit code 1')
  await kept.stop()
})

test('what cannot start is not tried again', async () => {
  let tries = 0
  const kept = keep(
    'it',
    async () => {
      tries++
      throw new Error('no')
    },
    () => {},
    quick,
  )
  await expect(kept.started).rejects.toThrow('no')
  await kept.stop()
  expect(tries).toBe(1)
})

test('what was asked to stop stays stopped', async () => {
  const { started, start } = starter()
  const said: string[] = []
  const kept = keep('it', start, (sentence) => said.push(sentence), quick)
  await kept.started
  await kept.stop()
  expect([started.length, said]).toEqual([1, []])
})

test('a request to stop in the middle of a start ends it', async () => {
  const { started, start } = starter()
  const kept = keep(
    'it',
    async (stopping) => untilReady('it', await start(), new Promise(() => {}), stopping),
    () => {},
    quick,
  )
  await Promise.resolve()
  await kept.stop()
  await expect(kept.started).rejects.toThrow('it did not start (a request to stop)')
  expect(started[0]?.isStopped).toBe(true)
})

test('one that ends before it is ready has not started', async () => {
  const { started, start } = starter()
  const running = await start()
  const ready = untilReady('it', running, new Promise(() => {}), new AbortController().signal)
  started[0]?.end('exit code 3')
  await expect(ready).rejects.toThrow('it did not start (exit code 3)')
})
