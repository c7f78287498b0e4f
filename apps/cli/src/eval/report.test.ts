import type { Evaluation } from '@crucible/contracts'
import { expect, test } from 'vitest'
import { exitCodeFor, textOf } from '../commands/eval.ts'
import { judgedOf, reportOf } from './report.ts'

const about = { dataset: 'd', samplesFile: null, server: 's', startedAt: 'a', finishedAt: 'b' }
const plan = {
  formats: ['HumanEval'],
  languages: ['python'],
  left: ['T/9'],
  samples: [],
  wallMs: 1,
  submissions: async function* () {},
}
const judged = (taskId: string, sample: number, verdict: Evaluation['verdict'], status: Evaluation['status'] = 'completed') =>
  // Only what a report reads.
  judgedOf({ taskId, sample }, {
    id: 'evl_1',
    status,
    verdict,
    runtime: 'python@3.11',
    result: null,
    failure: null,
  } as unknown as Evaluation)

test('pass@1 is the mean over tasks, failing tasks are named once', () => {
  const report = reportOf(
    about,
    plan,
    [
      judged('T/1', 0, 'accepted'),
      judged('T/2', 0, 'wrong_answer'),
      judged('T/2', 1, 'time_limit'),
      judged('T/2', 2, 'accepted'),
    ],
    [1, 3],
  )
  expect(report).toMatchObject({
    total: 4,
    accepted: 2,
    byVerdict: { accepted: 2, wrong_answer: 1, time_limit: 1 },
    failing: ['T/2'],
    notJudged: [],
    withoutSolution: ['T/9'],
  })
  expect(report.passAtK['1']).toBeCloseTo((1 + 1 / 3) / 2, 12)
  expect(report.passAtK['3']).toBeUndefined()
})

test('a fault of the platform is neither a pass nor a failure of the program', () => {
  const report = reportOf(about, plan, [judged('T/1', 0, 'accepted'), judged('T/2', 0, null, 'failed')], [1])
  expect(report).toMatchObject({ passAtK: { 1: 1 }, failing: [], notJudged: ['T/2'] })
  expect(exitCodeFor(report, 0)).toBe(125)
  expect(textOf(report, [1])).toContain('Not judged, by our fault (1): T/2')
})

test('below --min-pass ends with 1, at it with 0', () => {
  expect(exitCodeFor({ notJudged: [], passAtK: { 1: 0.5 } }, 0.5)).toBe(0)
  expect(exitCodeFor({ notJudged: [], passAtK: { 1: 0.4999 } }, 0.5)).toBe(1)
  expect(exitCodeFor({ notJudged: [], passAtK: { 1: 0 } })).toBe(0)
})

test('nearly all is never shown as 1', () => {
  const samples = Array.from({ length: 30_000 }, (_, index) => judged(`T/${index}`, 0, index === 0 ? 'wrong_answer' : 'accepted'))
  expect(textOf(reportOf(about, plan, samples, [1]), [1])).toContain('pass@1 = 0.9999')
})
