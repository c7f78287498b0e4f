/** The suite itself; each engine's folder has a test that asks it every case. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTrial, type Trial } from '../judge/trial.ts'
import { conformance } from './index.ts'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(['python'], 2)
})
afterAll(() => trial.close())

test('the suite yields its results one by one and can be stopped', async () => {
  const [python] = trial.runtimes
  if (python === undefined) throw new Error('python is offered, or openTrial would have thrown')
  const stop = new AbortController()
  for await (const result of conformance(trial.engine, python, stop.signal)) {
    expect(result).toMatchObject({ area: 'streams', outcome: 'held' })
    break
  }
})
