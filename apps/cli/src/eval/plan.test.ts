import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { submitEvaluation } from '@crucible/contracts'
import { afterAll, expect, test } from 'vitest'
import { type PlanOptions, planOf } from './plan.ts'

const folder = mkdtempSync(join(tmpdir(), 'crucible-plan-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const file = (...rows: unknown[]) => {
  const path = join(folder, `${files++}.jsonl`)
  writeFileSync(path, rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'))
  return path
}
const plan = (dataset: string, options: Partial<PlanOptions> = {}) => planOf({ dataset, limits: {}, ...options })
async function submissionsOf(dataset: string, options: Partial<PlanOptions> = {}) {
  const submissions = []
  for await (const submission of (await plan(dataset, options)).submissions()) submissions.push(submission)
  return submissions
}

const humanEval = {
  task_id: 'HumanEval/0',
  prompt: 'def twice(n):\n',
  canonical_solution: '    return 2 * n\n',
  test: 'def check(f):\n    assert f(2) == 4\n',
  entry_point: 'twice',
}
const humanEvalX = {
  task_id: 'CPP/0',
  prompt: 'int twice(int n){\n',
  declaration: 'int twice(int n){\n',
  canonical_solution: 'return 2 * n;}\n',
  test: 'int main(){}\n',
  example_test: 'int main(){}\n',
}
const mbpp = {
  task_id: 7,
  text: 'Write…',
  code: 'def twice(n):\r\n\treturn 2 * n',
  test_setup_code: 'x = 2',
  test_list: ['assert twice(x) == 4', 'assert twice(1) == 2'],
  challenge_test_list: ['assert twice(0) == 0'],
}
const mbxp = {
  task_id: 'MBCPP/1',
  language: 'cpp',
  prompt: 'int twice(int n){\n',
  canonical_solution: 'return 2 * n;}',
  test: 'int main(){}',
  entry_point: 'twice',
  description: '',
}

test('HumanEval: prompt and solution, judged by its check of the entry point', async () => {
  const [submission] = await submissionsOf(file(humanEval))
  expect(submission).toMatchObject({
    language: 'python',
    code: 'def twice(n):\n    return 2 * n\n',
    tests: [{ kind: 'harness', name: 'HumanEval/0', code: 'def check(f):\n    assert f(2) == 4\n\ncheck(twice)\n' }],
    metadata: { benchmark: 'HumanEval', taskId: 'HumanEval/0', sample: 0 },
  })
})

test('HumanEval-X: the language is the prefix of the id, the test runs itself', async () => {
  const rows = ['CPP/1', 'Java/1', 'JavaScript/1', 'Python/1'].map((task_id) => ({ ...humanEvalX, task_id }))
  const submissions = await submissionsOf(file(...rows))
  expect(submissions.map((each) => each.language)).toEqual(['cpp', 'java', 'javascript', 'python'])
  expect(submissions[0]).toMatchObject({ code: 'int twice(int n){\nreturn 2 * n;}\n', tests: [{ code: 'int main(){}\n' }] })
})

test('MBPP: set-up, tests and challenge tests, each on its line', async () => {
  const [submission] = await submissionsOf(file(mbpp))
  expect(submission).toMatchObject({
    language: 'python',
    code: mbpp.code,
    tests: [{ name: '7', code: 'x = 2\nassert twice(x) == 4\nassert twice(1) == 2\nassert twice(0) == 0\n' }],
  })
})

test('MBXP: its own language; a row without a solution is left, and said', async () => {
  const dataset = file(mbxp, { ...mbxp, task_id: 'MBCPP/2', canonical_solution: null })
  const { samples, left, formats, languages } = await plan(dataset)
  expect({ samples, left, formats, languages }).toEqual({
    samples: [{ taskId: 'MBCPP/1', sample: 0 }],
    left: ['MBCPP/2'],
    formats: ['MBXP'],
    languages: ['cpp'],
  })
})

test('every submission is one that the contract takes', async () => {
  for (const row of [humanEval, humanEvalX, mbpp, mbxp])
    for (const each of await submissionsOf(file(row))) submitEvaluation.parse(each)
})

test('samples are numbered within their task, and go on from its prompt', async () => {
  const dataset = file(humanEval, { ...humanEval, task_id: 'HumanEval/1' })
  const samples = file(
    { task_id: 'HumanEval/0', completion: '    return n + n' },
    { task_id: 'HumanEval/1', completion: '' },
    { task_id: 'HumanEval/0', completion: '    return 4' },
  )
  const submissions = await submissionsOf(dataset, { samples })
  expect(submissions.map((each) => each.code)).toEqual([
    'def twice(n):\n    return n + n',
    'def twice(n):\n',
    'def twice(n):\n    return 4',
  ])
  expect((await plan(dataset, { samples })).samples).toEqual([
    { taskId: 'HumanEval/0', sample: 0 },
    { taskId: 'HumanEval/1', sample: 0 },
    { taskId: 'HumanEval/0', sample: 1 },
  ])
})

test('a sample of MBPP is a whole program', async () => {
  const [submission] = await submissionsOf(file(mbpp), {
    samples: file({ task_id: 7, completion: 'def twice(n): return n << 1' }),
  })
  expect(submission?.code).toBe('def twice(n): return n << 1')
})

test('shipped solutions get room; samples get the limit of the published harness; a flag overrides both', async () => {
  const samples = file({ task_id: 'HumanEval/0', completion: '' })
  expect((await plan(file(humanEval))).wallMs).toBe(20_000)
  expect((await plan(file(humanEval), { samples })).wallMs).toBe(3_000)
  const [submission] = await submissionsOf(file(humanEval), { samples, limits: { wallMs: 7_000, memoryBytes: 1 << 27 } })
  expect(submission?.limits).toMatchObject({ wallMs: 7_000, memoryBytes: 1 << 27 })
})

test('a gzipped file is read as one, whatever its name', async () => {
  const path = join(folder, 'zipped.jsonl')
  writeFileSync(path, gzipSync(`${JSON.stringify(humanEval)}\n`))
  expect((await plan(path)).samples).toHaveLength(1)
})

test('a limit takes the first tasks and their samples alone', async () => {
  const dataset = file(humanEval, { ...humanEval, task_id: 'HumanEval/1' })
  const samples = file({ task_id: 'HumanEval/1', completion: '' }, { task_id: 'HumanEval/0', completion: '' })
  expect((await plan(dataset, { samples, tasksMax: 1 })).samples).toEqual([{ taskId: 'HumanEval/0', sample: 0 }])
})

test.each([
  ['a line that is not JSON', () => [file(humanEval, '{"task_id":')], ':2 is not JSON'],
  ['a row that is no object', () => [file([1])], ':1 is not a JSON object'],
  ['fields that no benchmark has', () => [file({ question: 1 })], 'is none of MBPP, HumanEval-X'],
  ['a task without an id', () => [file({ ...humanEval, task_id: undefined })], 'has no task_id'],
  ['a field of a wrong type', () => [file({ ...mbpp, test_list: [1] })], 'test_list is not a list of texts'],
  ['an id without a language', () => [file({ ...humanEvalX, task_id: '0' })], 'does not begin with a language'],
  ['a task that comes twice', () => [file(humanEval, humanEval)], 'has the task HumanEval/0 twice'],
  ['a sample of an unknown task', () => [file(humanEval), file({ task_id: 'x', completion: '' })], 'has no task x'],
  ['a sample without a completion', () => [file(humanEval), file({ task_id: 'HumanEval/0' })], 'has no completion'],
  ['an empty file', () => [file()], 'nothing to judge'],
  ['a file that is not there', () => [join(folder, 'absent')], 'Cannot read'],
])('%s is named before anything is submitted', async (_, make, message) => {
  const [dataset = '', samples] = make()
  await expect(plan(dataset, { samples })).rejects.toThrow(message)
})
