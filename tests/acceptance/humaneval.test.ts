/** Real input: the shipped solutions of HumanEval, and the example samples whose pass@1 its authors publish. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Product, startProduct } from '../../packages/testkit/src/product.ts'
import { haveDatasets } from './datasets.ts'
import { file, judge, judgeSet } from './judging.ts'

describe.runIf(haveDatasets())('HumanEval', () => {
  let product: Product
  beforeAll(async () => {
    product = await startProduct()
  })
  afterAll(() => product?.stop())

  test('the shipped solutions pass, 164 of 164', { timeout: 300_000 }, async () => {
    await judgeSet(product, 'humaneval-python', ['--min-pass', '1'])
  })

  test('its example samples give pass@1 = 0.5', async () => {
    const report = await judge(product, [
      file('humaneval-example-problem.jsonl'),
      '--samples',
      file('humaneval-example-samples.jsonl'),
    ])
    expect(report.passAtK['1']).toBeCloseTo(0.5, 12)
    expect(report.samples.map((each) => each.verdict)).toEqual([
      'runtime_error',
      'time_limit',
      'runtime_error',
      'accepted',
      'accepted',
      'accepted',
    ])
  })
})
