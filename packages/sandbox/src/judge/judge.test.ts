/** Jobs from end to end on the real engine. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { harness, mebibyte, openTrial, stdio, type Trial, trialLimits } from './trial.ts'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(['python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java'])
})
afterAll(() => trial.close())

const echo = 'import sys\nsys.stdout.write(sys.stdin.read())\n'

test('without tests, exit 0 is accepted and anything else is not', async () => {
  expect(await trial.judge({ language: 'python', code: 'print("hi")' })).toMatchObject({
    verdict: 'accepted',
    score: 1,
    stdout: 'hi\n',
  })
  const failed = await trial.judge({ language: 'python', code: 'print("so far")\n1/0' })
  expect(failed).toMatchObject({ verdict: 'runtime_error', score: 0, stdout: 'so far\n', run: { reason: 'exited', exitCode: 1 } })
  expect(failed.stderr).toContain('ZeroDivisionError')
})

test('the events of a job come in order, and say what made the verdict', async () => {
  const { events } = await trial.judge({ language: 'c', code: '#include <stdio.h>\nint main(void) { puts("x"); }\n' })
  expect(events.map((event) => ('run' in event ? `${event.type} ${event.run}` : event.type))).toEqual([
    'started',
    'run_started compile',
    'run_finished compile',
    'run_started run',
    'output run',
    'run_finished run',
  ])
  expect(events[0]).toMatchObject({ environment: { engine: 'namespaces', runtime: expect.stringMatching(/^c@\d+$/) } })
})

test.each(['one file', 'many files'])('a program that fills its disk is told so: %s', async (how) => {
  const name = how === 'one file' ? '"big"' : 'f"f{n}"'
  const code = `n = 0\nwhile True:\n  with open(${name}, "ab") as f: f.write(bytes(1 << 20))\n  n += 1\n`
  expect(await trial.judge({ language: 'python', code })).toMatchObject({
    verdict: 'runtime_error',
    run: { reason: 'disk', exitCode: 1 },
  })
})

test('tests are judged each by itself, and the score is their weight', async () => {
  const tests = [stdio('a\n', 'a', { weight: 3 }), stdio('b\n', 'c'), stdio('d\n', 'd  \n\n', { weight: 1 })]
  const judged = await trial.judge({ language: 'python', code: echo, tests })
  expect(judged).toMatchObject({ verdict: 'partial', score: 0.8, run: { reason: 'exited' } })
  expect(judged.tests.map((each) => each.verdict)).toEqual(['accepted', 'wrong_answer', 'accepted'])
})

test('after the first failure the rest is not run, when so asked', async () => {
  const tests = [stdio('a', 'a'), stdio('b', 'x'), stdio('c', 'c')]
  const judged = await trial.judge({ language: 'python', code: echo, tests, stopAtFirstFailure: true })
  expect(judged.tests.map((each) => each.result !== null)).toEqual([true, true, false])
  expect(judged).toMatchObject({ verdict: 'partial', tests: [{}, { verdict: 'wrong_answer' }, { verdict: 'wrong_answer' }] })
})

test('an expected output is nowhere in the sandbox', async () => {
  const code =
    'import os\nsecret = b"expected" + b"-4711"\nseen = 0\nfor root in ("/work", "/tmp", "/dev/shm", "/etc", "/.crucible"):\n  for d, _, fs in os.walk(root):\n    for f in fs:\n      try: text = open(os.path.join(d, f), "rb").read(10**6)\n      except OSError: continue\n      seen += 1\n      if secret in text: print("found", os.path.join(d, f))\nprint(seen > 0)\n'
  const judged = await trial.judge({ language: 'python', code, tests: [stdio('', 'expected-4711')] })
  expect(judged).toMatchObject({ verdict: 'wrong_answer', stdout: 'True\n' })
})

test('a test sees neither the input of another nor a file that it left', async () => {
  const code =
    'import os, sys\nsys.stdin.read()\nleft = [os.path.join(d, f) for r in ("/work", "/tmp", "/dev/shm") for d, _, fs in os.walk(r) for f in fs]\nprint(sorted(p for p in left if "mark" in p))\nfor d in ("/work", "/tmp", "/dev/shm"):\n  try: open(d + "/mark", "w").write("x")\n  except OSError: pass\n'
  const judged = await trial.judge({ language: 'python', code, tests: [stdio('a', '[]'), stdio('b', '[]')] })
  expect(judged.verdict, judged.stdout).toBe('accepted')
})

test('a lone run may write beside its files, a test may not', async () => {
  const code = 'import os\nopen("out", "w").write("x")\nprint(os.path.getsize("out"))\n'
  expect(await trial.judge({ language: 'python', code })).toMatchObject({ verdict: 'accepted', stdout: '1\n' })
  const judged = await trial.judge({ language: 'python', code, tests: [stdio('', '1')] })
  expect(judged.verdict).toBe('runtime_error')
  expect(judged.stderr).toContain('Read-only file system')
})

test('a source larger than the disk limit still runs: the limit is for what the program writes', async () => {
  const limits = { ...trialLimits, diskBytes: 64 * 1024 }
  const code = `print("small")\n${'# '.padEnd(200_000, 'x')}\n`
  expect(await trial.judge({ language: 'python', code, limits })).toMatchObject({ verdict: 'accepted' })
  const c = '#include <stdio.h>\nint main(void) { puts("x"); }\n'
  expect(await trial.judge({ language: 'c', code: c, limits })).toMatchObject({ verdict: 'accepted' })
})

test('what does not compile earns compile_error for every test, with the compiler’s words', async () => {
  const judged = await trial.judge({ language: 'cpp', code: 'int main() { return x; }', tests: [stdio('', ''), stdio('', '')] })
  expect(judged).toMatchObject({ verdict: 'compile_error', score: 0, compile: { exitCode: 1 }, run: null })
  expect(judged.tests).toMatchObject([
    { verdict: 'compile_error', result: null },
    { verdict: 'compile_error', result: null },
  ])
  expect(judged.stderr).toContain('main.cpp:1:21: error: ‘x’ was not declared')
})

test('a compilation that takes too long is the source’s fault', async () => {
  const code = 'template<int n> struct F { static const int v = F<n-1>::v + F<n-2>::v; };\n#include "/dev/zero"\nint main() {}\n'
  const judged = await trial.judge({
    language: 'cpp',
    code,
    compileLimits: { ...trialLimits, wallMs: 2000, cpuMs: 1000, memoryBytes: 128 * mebibyte },
  })
  expect(judged.verdict).toBe('compile_error')
  expect(judged.compile?.reason).not.toBe('exited')
})

test('a compiled program is built once and runs for every test', async () => {
  const code = '#include <iostream>\nint main() { double x; std::cin >> x; std::cout << x / 3 << "\\n"; }\n'
  const tests = [
    stdio('1', '0.3333', { checker: 'float', epsilon: 1e-3 }),
    stdio('9', '3'),
    stdio('x', '0', { checker: 'tokens' }),
  ]
  const judged = await trial.judge({ language: 'cpp', code, tests })
  expect(judged.verdict).toBe('accepted')
  expect(judged.events.filter((event) => event.type === 'run_started').map((event) => event.run)).toEqual([
    'compile',
    'test:0',
    'test:1',
    'test:2',
  ])
})

test('hidden programs and inputs can be mixed, also when compiled', async () => {
  const code = '#include <stdio.h>\nint twice(int x) { return 2 * x; }\n'
  const own = `${code}int main(void) { int x; scanf("%d", &x); printf("%d\\n", twice(x)); }\n`
  const mixed = [stdio('4', '8'), harness('int main(void) { return twice(2) != 4; }')]
  // The submission has a main of its own, so only the first can be built; each is judged by itself.
  expect((await trial.judge({ language: 'c', code: own, tests: mixed })).tests.map((each) => each.verdict)).toEqual([
    'accepted',
    'compile_error',
  ])
  const two = [harness('int main(void) { return twice(2) != 4; }'), harness('int main(void) { return twice(3) != 7; }', 3)]
  expect(await trial.judge({ language: 'c', code, tests: two })).toMatchObject({ verdict: 'partial', score: 0.25 })
})

test('an output that was cut is never accepted', async () => {
  const limits = { ...trialLimits, outputBytes: 1000 }
  const judged = await trial.judge({
    language: 'python',
    code: 'print("a" * 5000)',
    limits,
    tests: [stdio('', 'a'.repeat(5000))],
  })
  expect(judged.verdict).toBe('output_limit')
})

test('limits earn their own verdicts', async () => {
  const verdict = async (code: string, limits: Partial<typeof trialLimits>) =>
    (await trial.judge({ language: 'python', code, limits: { ...trialLimits, ...limits } })).verdict
  expect(await verdict('while True: pass', { wallMs: 500 })).toBe('time_limit')
  expect(await verdict('while True: pass', { cpuMs: 300 })).toBe('time_limit')
  expect(await verdict('x = bytearray(10**9)', { memoryBytes: 64 * mebibyte })).toBe('memory_limit')
  expect(await verdict('while True: print("x" * 1000)', { outputBytes: 10_000 })).toBe('output_limit')
})

test.for([
  ['python', 'import helper.value\nprint(helper.value.answer)', 'helper/value.py', 'answer = 42\n'],
  ['javascript', "console.log(require('./helper/value.js').answer)", 'helper/value.js', 'exports.answer = 42\n'],
  [
    'typescript',
    "import { answer } from './helper/value.ts'\nconsole.log(answer)",
    'helper/value.ts',
    'export const answer: number = 42\n',
  ],
  ['bash', 'source helper/value.sh\necho $answer', 'helper/value.sh', 'answer=42\n'],
  [
    'c',
    '#include <stdio.h>\nint answer(void);\nint main(void) { printf("%d\\n", answer()); }',
    'helper/value.c',
    'int answer(void) { return 42; }\n',
  ],
  [
    'cpp',
    '#include "helper/value.hpp"\n#include <cstdio>\nint main() { printf("%d\\n", answer); }',
    'helper/value.hpp',
    'const int answer = 42;\n',
  ],
  [
    'java',
    'public class Whatever { public static void main(String[] a) { System.out.println(Value.answer); } }',
    'Value.java',
    'class Value { static int answer = 42; }\n',
  ],
] as const)('a %s program uses its sibling file', async ([language, main, path, content]) => {
  const entry = trial.runtimes.find((runtime) => runtime.language.name === language)?.info.entry ?? ''
  const files = [
    { path: entry, content: main, encoding: 'utf8' as const },
    { path, content, encoding: 'utf8' as const },
  ]
  const judged = await trial.judge({ language, files, entry, tests: [stdio('', '42')] })
  expect(judged.verdict, judged.stderr).toBe('accepted')
})

test.for(['python', 'javascript', 'bash'])('arguments and variables reach a %s program unharmed', async (language) => {
  const code = {
    python: 'import os, sys\nprint(repr((sys.argv[1:], os.environ["GREETING"])))',
    javascript: 'console.log(JSON.stringify([process.argv.slice(2), process.env.GREETING]))',
    bash: 'printf "%s|" "$@" "$GREETING"',
  }[language]
  const judged = await trial.judge({ language, code: code ?? '', args: ['a b', '', '--x', 'é*'], env: { GREETING: 'hé "q"' } })
  const wanted = {
    python: `(['a b', '', '--x', 'é*'], 'hé "q"')\n`,
    javascript: '[["a b","","--x","é*"],"hé \\"q\\""]\n',
    bash: 'a b||--x|é*|hé "q"|',
  }
  expect(judged.stdout).toBe(wanted[language as keyof typeof wanted]) // one of the three above
})

test('an aborted job has no verdict, and its sandbox is gone', async () => {
  const stop = new AbortController()
  const code = 'import time\nprint("up", flush=True)\ntime.sleep(60)'
  const judging = trial.judge({ language: 'python', code }, stop.signal, (event) => {
    if (event.type === 'output') stop.abort(new Error('enough'))
  })
  await expect(judging).rejects.toThrow('enough')
  const sandboxes = await Promise.all([trial.engine.open({ diskBytes: mebibyte }), trial.engine.open({ diskBytes: mebibyte })])
  await Promise.all(sandboxes.map((sandbox) => sandbox.destroy()))
})

test('what cannot be judged is a fault with a code, never a verdict', async () => {
  await expect(trial.judge({ language: 'cobol', code: '' })).rejects.toMatchObject({ code: 'unknown_runtime' })
  await expect(trial.judge({ language: 'python', version: '2.7', code: '' })).rejects.toMatchObject({ code: 'unknown_runtime' })
  await expect(trial.judge({ language: 'python', entry: 'x.py', code: '' })).rejects.toMatchObject({ code: 'invalid_job' })
})

test.for([
  ['python', 'kept = []\nwhile True: kept.append(bytearray(10**6))\n'],
  ['javascript', 'const kept = []\nfor (;;) kept.push(new Array(100_000).fill(1.5))\n'],
  ['typescript', 'const kept: Buffer[] = []\nfor (;;) kept.push(Buffer.alloc(1_000_000, 1))\n'],
  ['c', '#include <stdlib.h>\n#include <string.h>\nint main(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }\n'],
  [
    'java',
    'import java.util.*;\nclass Main { public static void main(String[] a) { List<byte[]> kept = new ArrayList<>(); for (;;) kept.add(new byte[1 << 20]); } }\n',
  ],
])('a %s program that takes all memory is told so, whatever its runtime would have said', async ([language = '', code = '']) => {
  const limits = { ...trialLimits, memoryBytes: 128 * mebibyte }
  expect(await trial.judge({ language, code, limits })).toMatchObject({ verdict: 'memory_limit' })
})
