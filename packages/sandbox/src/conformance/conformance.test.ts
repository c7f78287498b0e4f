/** The default engine holds what every engine must hold, on this machine, with nothing left out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTrial, type Trial } from '../judge/trial.ts'
import { ask, cases, conformance } from './index.ts'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(['python'], 2)
})
afterAll(() => trial.close())

const python = () => {
  const [runtime] = trial.runtimes
  if (runtime === undefined) throw new Error('python is offered, or openTrial would have thrown')
  return runtime
}

describe.for(Object.entries(cases))('%s', ([, list]) => {
  test.for(list.map((each) => [each.name, each] as const))('%s', async ([, each], { signal }) => {
    expect(await ask(trial.engine, python(), each, signal)).toEqual({ outcome: 'held', detail: '' })
  })
})

test('the suite yields its results one by one and can be stopped', async () => {
  const stop = new AbortController()
  for await (const result of conformance(trial.engine, python(), stop.signal)) {
    expect(result).toMatchObject({ area: 'streams', outcome: 'held' })
    break
  }
})
