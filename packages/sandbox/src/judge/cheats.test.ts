/**
 * A pass is earned by coming to the end of the hidden program, and an honest solution earns it. What earns nothing is in
 * attacks/families/forgery: each cheat there is tried on every engine.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { harness, openTrial, type Trial } from './trial.ts'

const assertions = '  assert(add_one(2) == 3);\n  assert(add_one(4) == 5);\n}\n'
const languages: Readonly<Record<string, { readonly hidden: string; readonly honest: string; readonly wrong: string }>> = {
  python: {
    hidden: 'def check(f):\n    assert f(2) == 3\n    assert f(4) == 5\n\ncheck(add_one)\n',
    honest: 'def add_one(x):\n    return x + 1\n',
    wrong: 'def add_one(x):\n    return x\n',
  },
  javascript: {
    hidden: 'const check = () => {\n  console.assert(addOne(2) === 3)\n  console.assert(addOne(4) === 5)\n}\ncheck()\n',
    honest: 'const addOne = (x) => x + 1\n',
    wrong: 'const addOne = (x) => x\n',
  },
  typescript: {
    hidden: 'const check = (f: (x: number) => number): void => {\n  console.assert(f(2) === 3)\n}\ncheck(addOne)\n',
    honest: 'enum Step { One = 1 }\nconst addOne = (x: number): number => x + Step.One\n',
    wrong: 'const addOne = (x: number): number => x\n',
  },
  bash: {
    hidden: '[[ $(add_one 2) == 3 ]] || exit 1\n[[ $(add_one 4) == 5 ]] || exit 1\n',
    honest: 'add_one() { echo $(($1 + 1)); }\n',
    wrong: 'add_one() { echo "$1"; }\n',
  },
  c: {
    hidden: `#undef NDEBUG\n#include <assert.h>\nint main(void) {\n${assertions}`,
    honest: 'int add_one(int x) { return x + 1; }\n',
    wrong: '#define NDEBUG\nint add_one(int x) { return x; }\n',
  },
  cpp: {
    hidden: `#include <cassert>\nint main() {\n${assertions}`,
    honest: 'int add_one(int x) { return x + 1; }\n',
    wrong: '#define NDEBUG\nint add_one(int x) { return x; }\n',
  },
  java: {
    hidden:
      'class Main {\n  public static void main(String[] args) {\n    if (new Solution().addOne(2) != 3) throw new AssertionError();\n  }\n}\n',
    honest: 'import java.util.*;\nclass Solution {\n  int addOne(int x) { return x + 1; }\n}\n',
    wrong: 'class Solution {\n  int addOne(int x) { return x; }\n}\n',
  },
}

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(Object.keys(languages))
})
afterAll(() => trial.close())

describe.for(Object.entries(languages))('%s', ([language, { hidden, honest, wrong }]) => {
  const verdictOf = async (code: string) => (await trial.judge({ language, code, tests: [harness(hidden)] })).verdict

  test('an honest solution passes', async () => {
    const judged = await trial.judge({ language, code: honest, tests: [harness(hidden)] })
    expect(judged.verdict, judged.stderr).toBe('accepted')
  })
  test('a wrong one does not', async () => {
    expect(await verdictOf(wrong)).not.toBe('accepted')
  })
})

test('two runs of one job are given different nonces', async () => {
  // The harness prints what only it may know; a nonce that repeated could be carried from one test to the next.
  const hidden =
    'import sys\nframe = sys._getframe()\nwhile "nonce" not in frame.f_locals:\n    frame = frame.f_back\nprint(frame.f_locals["nonce"].decode())\n'
  const { stdout, verdict } = await trial.judge({ language: 'python', code: '', tests: [harness(hidden), harness(hidden)] })
  expect(verdict).toBe('accepted')
  const [first, second] = stdout.trim().split('\n')
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(second).toMatch(/^[0-9a-f]{64}$/)
  expect(first).not.toBe(second)
})

test.for([
  [
    'python',
    'import os\nfor d, _, fs in os.walk("/work"):\n    for f in fs:\n        print(open(os.path.join(d, f), errors="replace").read())\n',
  ],
  [
    'c',
    '#include <stdlib.h>\nint add_one(int x) { return x + 1; }\n__attribute__((constructor)) static void show(void) { (void)!system("cat /work/.crucible/*"); }\n',
  ],
])('hidden code in %s is no file that the submission could read', async ([language = '', code = '']) => {
  const secret = 'the-hidden-word-4711'
  const hidden = language === 'python' ? `word = "${secret}"\n` : `/* ${secret} */\nint main(void) { return 0; }\n`
  const judged = await trial.judge({ language, code, tests: [harness(hidden)] })
  expect(judged.verdict, judged.stderr).toBe('accepted')
  expect(judged.stdout).not.toContain(secret)
})
