/** Verdicts must not depend on how much else is running: `npm run acceptance`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct } from '../../packages/testkit/src/product.ts'
import { haveDatasets } from './datasets.ts'
import { judgeSet } from './judging.ts'

const timeout = 3_600_000

describe.runIf(haveDatasets())('three repeats at 1, 8 and 64 in flight', () => {
  let product: Product
  beforeAll(async () => {
    product = await startProduct()
  })
  afterAll(() => product?.stop())

  test.each(['humaneval-python', 'mbpp-python', 'humaneval-x-js', 'humaneval-x-cpp', 'humaneval-x-java'])(
    '%s agrees exactly',
    { timeout },
    async (set) => {
      const runs: unknown[] = []
      for (const inFlight of [1, 8, 64]) {
        for (let repeat = 0; repeat < 3; repeat++) {
          const { samples } = await judgeSet(product, set, ['--concurrency', String(inFlight)])
          runs.push(samples.map(({ taskId, sample, verdict }) => [taskId, sample, verdict]))
        }
      }
      for (const run of runs) expect(run).toEqual(runs[0])
    },
  )
})
