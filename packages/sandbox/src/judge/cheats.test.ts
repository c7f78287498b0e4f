/** A pass is earned by coming to the end of the hidden program, and by nothing else. On the real engine, per language. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { harness, openTrial, type Trial } from './trial.ts'

type Cheats = {
  readonly hidden: string
  readonly honest: string
  readonly wrong: string
  readonly cheats: Readonly<Record<string, string>>
}

const python: Cheats = {
  hidden: 'def check(f):\n    assert f(2) == 3\n    assert f(4) == 5\n\ncheck(add_one)\n',
  honest: 'def add_one(x):\n    return x + 1\n',
  wrong: 'def add_one(x):\n    return x\n',
  cheats: {
    'sys.exit(0) at once': 'import sys\nsys.exit(0)\n',
    'raise SystemExit in the function': 'def add_one(x):\n    raise SystemExit(0)\n',
    'os._exit(0) in the function': 'import os\ndef add_one(x):\n    os._exit(0)\n',
    'os._exit(0) from atexit': 'import atexit, os\natexit.register(lambda: os._exit(0))\ndef add_one(x):\n    return x\n',
    'os._exit(0) from a thread':
      'import os, threading\nthreading.Timer(0.05, lambda: os._exit(0)).start()\ndef add_one(x):\n    return x\n',
    'printing PASSED everywhere':
      'import os, sys\nprint("PASSED")\nfor fd in (1, 2, 4):\n    os.write(fd, b"PASSED\\n")\nsys.exit(0)\n',
    'closing every descriptor': 'import os\nos.closerange(0, 256)\ndef add_one(x):\n    os._exit(0)\n',
    'writing what it guesses to fd 4': 'import os\nos.write(4, b"0" * 64)\ndef add_one(x):\n    os._exit(0)\n',
    'exec of true': 'import os\ndef add_one(x):\n    os.execv("/proc/self/exe", ["python3", "-c", "pass"])\n',
    'a patched os.write, os._exit and sys.exit':
      'import os, sys, builtins\nos.write = os._exit = sys.exit = lambda *a: 1\nbuiltins.exec = builtins.compile = lambda *a: None\ndef add_one(x):\n    return x\n',
    'a forked child that comes to the end':
      'import os\nif os.fork() == 0:\n    add_one = lambda x: x + 1\nelse:\n    os.wait()\n    os._exit(0)\n',
    'an excepthook that exits with 0': 'import sys, os\nsys.excepthook = lambda *a: os._exit(0)\ndef add_one(x):\n    return x\n',
    'looking for a nonce in argv, environ, globals and main':
      'import sys, os, re, __main__\nseen = repr((sys.argv, dict(os.environ), globals(), vars(__main__), open("/proc/self/cmdline").read()))\nfor nonce in re.findall("[0-9a-f]{64}", seen):\n    os.write(4, nonce.encode())\nos._exit(0)\n',
  },
}

const javascript: Cheats = {
  hidden: 'const check = () => {\n  console.assert(addOne(2) === 3)\n  console.assert(addOne(4) === 5)\n}\ncheck()\n',
  honest: 'const addOne = (x) => x + 1\n',
  wrong: 'const addOne = (x) => x\n',
  cheats: {
    'process.exit(0) at once': 'process.exit(0)\n',
    'process.exit(0) in the function': 'const addOne = () => process.exit(0)\n',
    'process.reallyExit(0)': 'const addOne = () => process.reallyExit(0)\n',
    'exiting from a timer': 'setTimeout(() => process.exit(0), 20)\nconst addOne = (x) => x\n',
    'exiting from an exit listener': "process.on('exit', () => process.reallyExit(0))\nconst addOne = (x) => x\n",
    'printing PASSED': "console.log('PASSED')\nrequire('fs').writeSync(4, 'PASSED')\nprocess.exit(0)\n",
    'closing every descriptor':
      "for (let fd = 3; fd < 64; fd++) try { require('fs').closeSync(fd) } catch {}\nconst addOne = (x) => x\n",
    'a console.assert of its own': 'console.assert = () => {}\nconst addOne = (x) => x\n',
    'a console of its own': 'const console = { assert() {} }\nconst addOne = (x) => x\n',
    'an open comment': 'const addOne = (x) => x /*\n',
    'swallowing errors': "process.on('uncaughtException', () => {})\nconst addOne = () => { throw new Error('no') }\n",
    'emitting the natural end': "const addOne = () => { process.emit('beforeExit', 0); process.exit(0) }\n",
    'emitting the natural end from a timer':
      "setTimeout(() => { process.emit('beforeExit', 0); process.exit(0) }, 5)\nsetTimeout(() => {}, 1000)\nconst addOne = (x) => x\n",
    'kill of itself': "const addOne = () => process.kill(process.pid, 'SIGTERM')\n",
  },
}

const typescript: Cheats = {
  hidden: 'const check = (f: (x: number) => number): void => {\n  console.assert(f(2) === 3)\n}\ncheck(addOne)\n',
  honest: 'enum Step { One = 1 }\nconst addOne = (x: number): number => x + Step.One\n',
  wrong: 'const addOne = (x: number): number => x\n',
  cheats: { 'process.exit(0)': 'const addOne = (x: number): number => process.exit(0)\n' },
}

const bash: Cheats = {
  hidden: '[[ $(add_one 2) == 3 ]] || exit 1\n[[ $(add_one 4) == 5 ]] || exit 1\n',
  honest: 'add_one() { echo $(($1 + 1)); }\n',
  wrong: 'add_one() { echo "$1"; }\n',
  cheats: {
    'exit 0': 'exit 0\n',
    'a trap on EXIT': "trap 'exit 0' EXIT\nadd_one() { echo 0; }\n",
    'printing PASSED': 'echo PASSED\necho PASSED >&4\nexit 0\n',
    'exec of true': 'exec true\n',
    'a builtin of its own': 'builtin() { :; }\neval() { :; }\nadd_one() { echo 0; }\n',
    'a DEBUG trap that skips the checks':
      "shopt -s extdebug\ntrap '[[ $BASH_COMMAND != *add_one* && $BASH_COMMAND != exit* ]]' DEBUG\nadd_one() { echo 0; }\n",
    'exit replaced': 'exit() { :; }\nadd_one() { echo 0; }\n',
    'closing descriptors': 'exec 4>&-\nadd_one() { echo $(($1 + 1)); }\n',
  },
}

const c: Cheats = {
  hidden: '#undef NDEBUG\n#include <assert.h>\nint main(void) {\n  assert(add_one(2) == 3);\n  assert(add_one(4) == 5);\n}\n',
  honest: 'int add_one(int x) { return x + 1; }\n',
  wrong: 'int add_one(int x) { return x; }\n',
  cheats: {
    'exit(0)': '#include <stdlib.h>\nint add_one(int x) { exit(0); }\n',
    '_exit(0)': '#include <unistd.h>\nint add_one(int x) { _exit(0); }\n',
    'a constructor that exits':
      '#include <unistd.h>\n__attribute__((constructor)) static void f(void) { _exit(0); }\nint add_one(int x) { return x; }\n',
    'a constructor that reads the nonce':
      '#include <unistd.h>\n__attribute__((constructor)) static void f(void) { char b[64]; long n = read(3, b, 64); if (n > 0) write(4, b, n); _exit(0); }\nint add_one(int x) { return x; }\n',
    'a read of its own':
      '#include <unistd.h>\nstatic char kept[64];\nssize_t read(int fd, void *b, size_t n) { __builtin_memcpy(kept, b, 64); return 0; }\nint add_one(int x) { write(4, kept, 64); _exit(0); }\n',
    'abort replaced by exit': '#include <unistd.h>\nvoid abort(void) { _exit(0); }\nint add_one(int x) { return x; }\n',
    'a failed assertion replaced':
      '#include <unistd.h>\nvoid __assert_fail(const char *a, const char *b, unsigned c, const char *d) { _exit(0); }\nint add_one(int x) { return x; }\n',
    'an open comment': 'int add_one(int x) { return x; }\nint main(void) { return 0; }\n/*\n',
    'an open #if': 'int add_one(int x) { return x; }\nint main(void) { return 0; }\n#if 0\n',
    'main under another name': 'int add_one(int x) { return x; }\nint main(void) { return 0; }\n#define main hidden\n',
    NDEBUG: '#define NDEBUG\nint add_one(int x) { return x; }\n',
  },
}

const cpp: Cheats = {
  ...c,
  hidden: c.hidden.replace('main(void)', 'main()'),
  cheats: {
    'exit(0)': '#include <cstdlib>\nint add_one(int x) { std::exit(0); }\n',
    'quick_exit(0)': '#include <cstdlib>\nint add_one(int x) { std::quick_exit(0); }\n',
    'a static object that exits': '#include <unistd.h>\nstruct S { S() { _exit(0); } } s;\nint add_one(int x) { return x; }\n',
    'a static object that reads the nonce':
      '#include <unistd.h>\nstruct S { S() { char b[64]; long n = read(3, b, 64); if (n > 0) write(4, b, n); _exit(0); } } s;\nint add_one(int x) { return x; }\n',
    'main under another name': 'int add_one(int x) { return x; }\nint main() { return 0; }\n#define main hidden\n',
    'an open comment': 'int add_one(int x) { return x; }\nint main() { return 0; }\n/*\n',
  },
}

const java: Cheats = {
  hidden:
    'class Main {\n  public static void main(String[] args) {\n    if (new Solution().addOne(2) != 3) throw new AssertionError();\n  }\n}\n',
  honest: 'import java.util.*;\nclass Solution {\n  int addOne(int x) { return x + 1; }\n}\n',
  wrong: 'class Solution {\n  int addOne(int x) { return x; }\n}\n',
  cheats: {
    'System.exit(0)': 'class Solution {\n  int addOne(int x) { System.exit(0); return 0; }\n}\n',
    'halting from a static block':
      'class Solution {\n  static { Runtime.getRuntime().halt(0); }\n  int addOne(int x) { return x; }\n}\n',
    'printing PASSED': 'class Solution {\n  int addOne(int x) { System.out.println("PASSED"); System.exit(0); return 0; }\n}\n',
    'an open comment':
      'class Solution {\n  int addOne(int x) { return x; }\n}\nclass Main { public static void main(String[] a) {} }\n/*\n',
    'writing to fd 4':
      'class Solution {\n  int addOne(int x) {\n    try (var out = new java.io.FileOutputStream("/proc/self/fd/4")) { out.write(new byte[64]); } catch (Exception e) {}\n    System.exit(0); return 0;\n  }\n}\n',
  },
}

const languages = { python, javascript, typescript, bash, c, cpp, java }

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(Object.keys(languages))
})
afterAll(() => trial.close())

describe.for(Object.entries(languages))('%s', ([language, { hidden, honest, wrong, cheats }]) => {
  const verdictOf = async (code: string) => (await trial.judge({ language, code, tests: [harness(hidden)] })).verdict

  test('an honest solution passes', async () => {
    const judged = await trial.judge({ language, code: honest, tests: [harness(hidden)] })
    expect(judged.verdict, judged.stderr).toBe('accepted')
  })
  test('a wrong one does not', async () => {
    expect(await verdictOf(wrong)).not.toBe('accepted')
  })
  test.for(Object.entries(cheats))('%s earns no pass', async ([, code]) => {
    expect(await verdictOf(code)).not.toBe('accepted')
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
