/** The whole benchmarks, minutes each: `npm run acceptance`. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Product, startProduct } from '../../packages/testkit/src/product.ts'
import { haveDatasets } from './datasets.ts'
import { judgeSet } from './judging.ts'

const timeout = 1_800_000

describe.runIf(haveDatasets())('shipped solutions', () => {
  let product: Product
  beforeAll(async () => {
    product = await startProduct()
  })
  afterAll(() => product?.stop())

  // Which ids are expected to fail, and why, stands in expected-verdicts.json beside the benchmarks.
  test.each(['mbpp-python', 'humaneval-x-python', 'humaneval-x-js', 'humaneval-x-java', 'humaneval-x-cpp', 'mbxp-cpp'])(
    '%s gives the verdicts that are expected of it',
    { timeout },
    (set) => judgeSet(product, set).then(() => undefined),
  )
})
