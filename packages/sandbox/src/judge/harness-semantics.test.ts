/** Submission and hidden code behave as the one program that they were published as. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { harness, openTrial, type Trial } from './trial.ts'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(['python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java'])
})
afterAll(() => trial.close())

const passing = {
  'python: the main guard runs': ['python', 'seen = []\nif __name__ == "__main__":\n    seen.append(1)\n', 'assert seen == [1]'],
  'python: one set of globals': ['python', 'x = 1\ndef get():\n    return x\n', 'x = 2\nassert get() == 2'],
  'python: future imports hold for both': [
    'python',
    'from __future__ import annotations\n',
    'def f(x: Nothing): pass\nassert f.__annotations__ == {"x": "Nothing"}',
  ],
  'python: dataclasses and pickle find their module': [
    'python',
    'import dataclasses, pickle\n@dataclasses.dataclass\nclass P:\n    x: int\n',
    'assert pickle.loads(pickle.dumps(P(1))) == P(1)',
  ],
  'python: threads are waited for': [
    'python',
    'import threading, time\ndone = []\n',
    'threading.Thread(target=lambda: (time.sleep(0.2), done.append(1))).start()',
  ],
  'python: a closed stdout is forgiven': ['python', 'import sys\n', 'sys.stdout.close()'],
  'python: deep recursion as usual': ['python', 'def f(n):\n    return n and f(n - 1)\n', 'assert f(900) == 0'],
  'python: doctest, which switches tracing off': [
    'python',
    'def f():\n    """\n    >>> f()\n    1\n    """\n    return 1\n',
    'import doctest\nseen = doctest.testmod()\nassert seen.failed == 0 and seen.attempted == 1',
  ],
  'javascript: const, let, class and function are seen': [
    'javascript',
    'const a = 1; let b = 2; class C {}; function d() {}\n',
    'if (a + b !== 3 || !C || !d) throw new Error()',
  ],
  'javascript: require, module and exports exist': [
    'javascript',
    "const assert = require('node:assert'); module.exports = { a: 1 }; exports.b = 2\n",
    'assert.equal(module.exports.a, 1)',
  ],
  'javascript: additions to what the language brings': [
    'javascript',
    'Math.twice = (x) => 2 * x; Array.prototype.last = function () { return this.at(-1) }; JSON.kept = 1\n',
    "if (Math.twice([1, 2].last()) !== 4 || JSON.kept !== 1) throw new Error('no')",
  ],
  'javascript: a promise is waited for': [
    'javascript',
    'const slow = () => new Promise((r) => setTimeout(() => r(7), 50))\n',
    "slow().then((x) => { if (x !== 7) throw new Error('no') })",
  ],
  'javascript: a caught rejection is no failure': [
    'javascript',
    "const f = async () => { throw new Error('x') }\n",
    'f().catch(() => {})',
  ],
  'typescript: enums and types are understood': [
    'typescript',
    'enum E { A = 1 }\nconst f = (e: E): number => e\n',
    'if (f(E.A) !== 1) throw new Error()',
  ],
  'bash: functions and variables are shared': ['bash', 'x=1\nf() { echo "$x"; }\n', '[[ $(f) == 1 ]]'],
  'c: the implied return of main': ['c', 'int one(void) { return 1; }\n', 'int main(void) { one(); }'],
  'c: arguments of main': ['c', '', 'int main(int argc, char **argv) { return argc != 1 || argv[1] != 0; }'],
  'c: macros and headers of the submission': [
    'c',
    '#include <stdbool.h>\n#include <assert.h>\n#define NEXT(x) ((x) + 1)\nbool yes(void) { return true; }\n',
    'int main(void) { bool seen = yes(); assert(seen && NEXT(1) == 2); }',
  ],
  'cpp: an assertion over what converts to bool, and within constexpr': [
    'cpp',
    '#include <memory>\nstruct Sure { explicit operator bool() const { return true; } };\n',
    '#include <cassert>\nconstexpr int checked(int x) { assert(x > 0); return x; }\nint main() { assert(Sure()); assert(std::make_unique<int>(1)); static_assert(checked(1) == 1, ""); }',
  ],
  'cpp: exceptions and static objects': [
    'cpp',
    '#include <stdexcept>\n#include <string>\nstatic std::string s = "x";\nint f() { throw std::runtime_error(s); }\n',
    'int main() { try { f(); } catch (std::exception &) { return 0; } return 1; }',
  ],
  'java: imports of the submission hold for both': [
    'java',
    'import java.util.*;\nclass Solution { List<Integer> f() { return List.of(1); } }\n',
    'public class Main { public static void main(String[] a) { if (new Solution().f().size() != 1) throw new AssertionError(); } }',
  ],
  'java: threads are waited for': [
    'java',
    'class Solution {}\n',
    'public class Main { public static void main(String[] a) { new Thread(() -> { try { Thread.sleep(200); } catch (InterruptedException e) {} }).start(); } }',
  ],
} as const

test.for(Object.entries(passing))('%s', async ([, [language, code, hidden]]) => {
  const judged = await trial.judge({ language, code, tests: [harness(hidden)] })
  expect(judged.verdict, judged.stderr).toBe('accepted')
})

const failing = {
  'python: a failed assertion': ['python', 'x = 1\n', 'assert x == 2', 'AssertionError'],
  'python: an error in the submission': ['python', 'raise KeyError("k")\n', '', 'main.py", line 1'],
  'python: a hidden program that exits': ['python', '', 'raise SystemExit(0)', ''],
  'javascript: a failed console.assert': ['javascript', '', 'console.assert(1 === 2)', 'Assertion failed'],
  'javascript: a rejection nobody catches': ['javascript', '', "Promise.reject(new Error('late'))", 'late'],
  'javascript: an assertion that fails later': [
    'javascript',
    '',
    'setTimeout(() => console.assert(false), 20)',
    'Assertion failed',
  ],
  'javascript: an exit code set aside': ['javascript', '', 'process.exitCode = 3', ''],
  'bash: a last command that fails': ['bash', '', 'false', ''],
  'c: a failed assertion': [
    'c',
    '',
    '#include <assert.h>\nint main(void) { assert(1 == 2); }',
    "harness:2: main: Assertion `1 == 2' failed.",
  ],
  'c: a main that returns 1': ['c', '', 'int main(void) { return 1; }', ''],
  'c: a crash': ['c', '', 'int main(void) { return *(volatile int *)0; }', ''],
  'cpp: an exception nobody catches': [
    'cpp',
    '',
    '#include <stdexcept>\nint main() { throw std::runtime_error("late"); }',
    'late',
  ],
  'java: an exception': [
    'java',
    'class Solution {}\n',
    'public class Main { public static void main(String[] a) { throw new IllegalStateException("late"); } }',
    'late',
  ],
} as const

test.for(Object.entries(failing))('no pass for %s', async ([, [language, code, hidden, said]]) => {
  const judged = await trial.judge({ language, code, tests: [harness(hidden)] })
  expect(['wrong_answer', 'runtime_error']).toContain(judged.verdict)
  expect(judged.stderr).toContain(said)
})

test('a compiler’s complaint about hidden code quotes none of it', async () => {
  const secret = 4711
  const c = await trial.judge({
    language: 'c',
    code: '',
    tests: [harness(`int main(void) { return missing(${secret}) + undeclared; }`)],
  })
  const java = await trial.judge({
    language: 'java',
    code: 'class Solution {}\n',
    tests: [harness(`class Main { public static void main(String[] a) { new Solution().missing(${secret}); } }`)],
  })
  for (const judged of [c, java]) {
    expect(judged.verdict).toBe('compile_error')
    expect(judged.stderr).not.toBe('')
    expect(judged.stderr + judged.stdout).not.toContain(String(secret))
  }
})
