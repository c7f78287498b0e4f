import { join } from 'node:path'
import { expect } from 'vitest'
import { runCli } from '../../packages/testkit/src/cli.ts'
import type { Product } from '../../packages/testkit/src/product.ts'
import { datasets } from './datasets.ts'
import { expectedOf } from './expected.ts'

type Report = {
  total: number
  accepted: number
  failing: string[]
  notJudged: string[]
  passAtK: Record<string, number>
  samples: { taskId: string; sample: number; verdict: string | null; evaluation: string; failure: string | null }[]
}

/** `crucible eval --json`, as a user runs it. The exit code must agree with the report. */
export async function judge(product: Product, args: readonly string[]): Promise<Report> {
  const { code, stdout, stderr } = await runCli(product, ['eval', '--json', ...args])
  if (code !== 0)
    throw new Error(
      `crucible eval ended with ${code}: ${stderr}\n${stdout.toString().slice(0, 2000)}\n${product.printed().slice(-4000)}`,
    )
  return JSON.parse(stdout.toString()) as Report
}

export const file = (name: string) => join(datasets, name)

/** Judges a set's shipped solutions and holds the verdicts against those that are expected of it. */
export async function judgeSet(product: Product, set: string, args: readonly string[] = []): Promise<Report> {
  const expected = expectedOf(set)
  const report = await judge(product, [file(`${set}.jsonl.gz`), ...args])
  expect({ total: report.total, accepted: report.accepted, failing: report.failing, notJudged: report.notJudged }).toEqual({
    total: expected.rows,
    accepted: expected.passed,
    failing: expected.failed,
    notJudged: [],
  })
  return report
}
