import type { Attack } from '../../attack.ts'
import { cheatsOn, takenAtItsWord } from './cheat.ts'

const hidden = 'def check(f):\n    assert f(2) == 3\n    assert f(4) == 5\n\ncheck(add_one)\n'
const wrong = 'def add_one(x):\n    return x\n'

const finalizer = `import os\nclass Last:\n    def __del__(self, end=os._exit): end(0)\nlast = Last()\n${wrong}`

const jump = `def jump(frame, event, _):
    if frame.f_code.co_name == "check" and event == "line":
        last = max(line for _, _, line in frame.f_code.co_lines() if line)
        if frame.f_lineno < last: frame.f_lineno = last
    return jump
`

export const python: readonly Attack[] = [
  ...cheatsOn('python', hidden, [
    ['exit', 'Exits with 0 before anything is asked.', 'import sys\nsys.exit(0)\n'],
    ['exit-when-asked', 'Raises SystemExit where it should answer.', 'def add_one(x):\n    raise SystemExit(0)\n'],
    ['hard-exit-when-asked', 'Ends the process with 0 where it should answer.', 'import os\ndef add_one(x):\n    os._exit(0)\n'],
    [
      'hard-exit-at-exit',
      'Turns its failure into a 0 at the last moment.',
      `import atexit, os\natexit.register(lambda: os._exit(0))\n${wrong}`,
    ],
    [
      'exit-from-a-thread',
      'Ends the process with 0 from a thread that outlives its failure.',
      `import os, threading\nthreading.Timer(0.05, lambda: os._exit(0)).start()\n${wrong}`,
    ],
    [
      'exit-from-a-signal',
      'Ends the process with 0 from an alarm while the question waits.',
      'import os, signal\nsignal.signal(signal.SIGALRM, lambda *_: os._exit(0))\nsignal.setitimer(signal.ITIMER_REAL, 0.02)\ndef add_one(x):\n    while True: pass\n',
    ],
    [
      'excepthook',
      'Takes the place of what reports its failure.',
      `import sys, os\nsys.excepthook = lambda *_: os._exit(0)\n${wrong}`,
    ],
    [
      'finalizer',
      'Ends the process with 0 when its last object is destroyed.',
      finalizer,
      // Whether module globals are still destroyed at the end of a forked run is up to the interpreter.
      { control: { on: 'process', with: { source: `${finalizer}\n${hidden}`, tests: [] }, shows: 'it earned 1 ' } },
    ],
    [
      'passed-printed',
      'Prints PASSED, as a judge would.',
      'print("PASSED")\nimport sys\nsys.exit(0)\n',
      takenAtItsWord('print("PASSED")\nimport sys\nsys.exit(0)\n'),
    ],
    [
      'passed-everywhere',
      'Writes PASSED to every descriptor that is open.',
      'import os\nfor fd in range(1, 64):\n    try: os.write(fd, b"PASSED\\n")\n    except OSError: pass\nos._exit(0)\n',
    ],
    [
      'descriptors-closed',
      'Closes every descriptor, so that nobody can report its failure.',
      'import os\nos.closerange(0, 256)\ndef add_one(x):\n    os._exit(0)\n',
    ],
    [
      'output-replaced',
      'Closes its standard streams and opens files in their place.',
      'import os\nfor fd in (1, 2):\n    os.close(fd)\n    os.open("/dev/null", os.O_WRONLY)\ndef add_one(x):\n    os._exit(0)\n',
    ],
    [
      'guess',
      'Writes a guess of what a judge might wait for.',
      'import os\ndef add_one(x):\n    for fd in range(3, 16):\n        try: os.write(fd, b"0" * 64)\n        except OSError: pass\n    os._exit(0)\n',
    ],
    [
      'another-program',
      'Becomes another program, which ends well.',
      'import os, sys\ndef add_one(x):\n    os.execv(sys.executable, [sys.executable, "-S", "-c", "pass"])\n',
    ],
    [
      'forked-twin',
      'Lets a child answer rightly and come to the end, and ends itself with 0.',
      'import os\nif os.fork() == 0:\n    add_one = lambda x: x + 1\nelse:\n    os.wait()\n    os._exit(0)\n',
    ],
    [
      'nonce-in-sight',
      'Looks for a secret of the judge in arguments, variables, globals and command line, and writes what it finds.',
      `import __main__, os, re, sys
seen = repr((sys.argv, dict(os.environ), globals(), vars(__main__), open("/proc/self/cmdline").read()))
for word in re.findall("[0-9a-f]{64}", seen): os.write(4, word.encode())
os._exit(0)
`,
    ],
    [
      'judge-replaced',
      'Replaces the functions that a judge calls: write, exit, exec, compile, print.',
      `import builtins, os, sys
os.write = sys.exit = lambda *_: 1
builtins.exec = builtins.compile = builtins.print = lambda *_: None
sys.excepthook = lambda *_: os._exit(0)
${wrong}`,
    ],
    [
      'main-module-replaced',
      'Puts another module in the place of the main one.',
      `import os, sys, types\nsys.modules["__main__"] = types.ModuleType("__main__")\nsys.excepthook = lambda *_: os._exit(0)\n${wrong}`,
    ],
  ]),
  ...cheatsOn('python', 'assert abs(add_one(2) - 3) < 1e-9\n', [
    [
      'builtin-replaced',
      'Replaces abs, so that no value is too far away.',
      `import builtins\nbuiltins.abs = lambda x: 0\n${wrong}`,
    ],
  ]),
  ...cheatsOn('python', 'def check(f):\n    assert f(2) == 3\n    assert f(4) == 5\n    return\n\ncheck(add_one)\n', [
    [
      'traced-past',
      'Traces the hidden program and moves it past its assertions.',
      `import sys\n${jump}sys.settrace(jump)\n${wrong}`,
    ],
    [
      'traced-when-asked',
      'Begins to trace the hidden program when it is asked, and moves it past its assertions.',
      `import sys\n${jump}def add_one(x):\n    sys._getframe(1).f_trace = jump\n    sys.settrace(jump)\n    return 3\n`,
    ],
  ]),
]
