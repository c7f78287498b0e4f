/** Whole jobs in pods: what a compiler makes in one pod is judged in others, and a hidden program's channel goes through. */
import { randomBytes } from 'node:crypto'
import { documentedCluster } from '@crucible/testkit/kubernetes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FoundEngine } from '../../engine.ts'
import { type JudgeDeps, judge } from '../../judge/judge.ts'
import { readLanguages } from '../../languages/catalogue.ts'
import { environmentOf, offer } from '../../languages/offer.ts'
import type { Job, Judgement, Limits } from '../../spec.ts'
import { kubernetesEngine } from './index.ts'

const mebibyte = 2 ** 20
const limits: Limits = {
  wallMs: 20_000,
  cpuMs: 15_000,
  memoryBytes: 256 * mebibyte,
  processes: 32,
  outputBytes: mebibyte,
  diskBytes: 16 * mebibyte,
}
const cluster = await documentedCluster()
let engine: FoundEngine
let deps: JudgeDeps
beforeAll(async () => {
  const options = { slots: 2, stateDir: cluster.stateDir, uidBase: null, allowUnsafe: false, settings: cluster.settings }
  engine = await kubernetesEngine(options)
  const wanted = readLanguages().filter(({ name }) => name === 'c' || name === 'python')
  const { runtimes, unavailable } = await offer({ engine, randomBytes }, wanted, AbortSignal.timeout(60_000))
  expect(unavailable).toEqual([])
  deps = { engine, runtimes, randomBytes, environment: (runtime) => environmentOf(engine, runtime) }
})
afterAll(async () => {
  await engine?.close()
  await cluster.close()
})

function judged(language: string, entry: string, content: string, tests: Job['tests']): Promise<Judgement> {
  const job: Job = {
    attemptId: '1',
    language,
    version: null,
    files: [{ path: entry, content, encoding: 'utf8' }],
    entry,
    args: [],
    env: {},
    stdin: '',
    limits,
    compileLimits: { ...limits, memoryBytes: 512 * mebibyte },
    tests,
    stopAtFirstFailure: false,
  }
  return judge(deps, job, () => {}, AbortSignal.timeout(60_000))
}
const doubles = (stdin: string, expectedStdout: string): Job['tests'][number] => ({
  kind: 'stdio',
  name: stdin,
  stdin,
  expectedStdout,
  checker: 'exact',
  epsilon: 1e-9,
  args: [],
  weight: 1,
})
const program = '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", n == 3 ? 7 : 2 * n); return 0; }\n'

test('a compiled program is judged by each of its tests', async () => {
  const { verdict, score, compile, tests } = await judged('c', 'main.c', program, [doubles('1', '2\n'), doubles('3', '6\n')])
  expect({ verdict, score, verdicts: tests.map((each) => each.verdict) }).toEqual({
    verdict: 'partial',
    score: 0.5,
    verdicts: ['accepted', 'wrong_answer'],
  })
  expect(compile?.exitCode).toBe(0)
})
test('an error of the compiler is one', async () => {
  expect(await judged('c', 'main.c', 'int main(void) { return x; }', [doubles('1', '2')])).toMatchObject({
    verdict: 'compile_error',
  })
})
test('a hidden program passes only by coming to its end', async () => {
  const hidden = (code: string): Job['tests'] => [{ kind: 'harness', name: 'hidden', code, weight: 1 }]
  const solution = 'def double(n):\n    return 2 * n\n'
  expect(await judged('python', 'main.py', solution, hidden('assert double(4) == 8'))).toMatchObject({ verdict: 'accepted' })
  expect((await judged('python', 'main.py', solution, hidden('assert double(4) == 9'))).verdict).not.toBe('accepted')
  const early = 'import os\nos._exit(0)\n'
  expect((await judged('python', 'main.py', early, hidden('assert double(4) == 8'))).verdict).not.toBe('accepted')
})
