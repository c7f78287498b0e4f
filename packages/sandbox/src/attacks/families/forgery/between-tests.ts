/** Cheats that pass something from one test to the next, so that a program becomes another one in between. */
import type { Attack, Control } from '../../attack.ts'
import { earnsNothing, stdio } from './cheat.ts'

/** It passes the second of two tests when the first could alter it. The engine `process` seals by permissions alone. */
const altered: Pick<Attack, 'tests' | 'stopped'> & { readonly control: Control } = {
  tests: [stdio('', 'first\n'), stdio('', 'altered\n')],
  stopped: earnsNothing,
  control: { on: 'process', shows: 'it earned 0.5 ' },
}

export const betweenTests: readonly Attack[] = [
  {
    id: 'input-of-another-test',
    tries: 'Keeps the input of one test for the next, in every place that can be written.',
    language: 'python',
    source: `import os, sys
given = sys.stdin.read()
for place in (".", "/tmp", "/dev/shm", "/var/tmp", "/run/lock", os.environ["HOME"]):
    try:
        if given: open(f"{place}/@NONCE@", "w").write(given)
        else: print(open(f"{place}/@NONCE@").read(), end=""); break
    except OSError: pass
`,
    tests: [stdio('the input\n', 'something else\n'), stdio('', 'the input\n')],
    stopped: earnsNothing,
    control: { on: 'process', shows: 'it earned 0.5 ' },
  },
  {
    id: 'source-altered',
    tries: 'Rewrites its own source in one test, to be another program in the next.',
    language: 'python',
    source: `import os
for act in (lambda: os.chmod(".", 0o700), lambda: os.unlink("main.py"), lambda: open("main.py", "w").write('print("altered")\\n')):
    try: act()
    except OSError: pass
print("as it was")
`,
    ...altered,
  },
  {
    id: 'binary-altered',
    tries: 'Replaces the compiled program in one test, to be another one in the next.',
    language: 'c',
    source: `#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void) {
  chmod(".", 0700);
  unlink(".crucible-program");
  int file = open(".crucible-program", O_WRONLY | O_CREAT, 0700);
  if (file >= 0) dprintf(file, "#!/bin/sh\\necho altered\\n");
  return puts("as it was") < 0;
}
`,
    ...altered,
  },
  {
    id: 'module-planted',
    tries: 'Leaves a module in one test that stands in front of the library in the next.',
    language: 'python',
    source: `import os
try: os.chmod(".", 0o700)
except OSError: pass
try: open("random.py", "w").write('print("altered")\\nraise SystemExit\\n')
except OSError: pass
import random
print("as it was")
`,
    ...altered,
  },
  {
    id: 'background-editor',
    tries: 'Leaves a process behind that rewrites the program again and again.',
    language: 'python',
    source: `import os, time
if os.fork() == 0:
    os.setsid()
    os.closerange(0, 64)
    for _ in range(600):
        try:
            os.chmod(".", 0o700)
            os.unlink("main.py")
            open("main.py", "w").write('print("altered")\\n')
        except OSError: pass
        time.sleep(0.005)
    os._exit(0)
time.sleep(0.1)
print("as it was")
`,
    ...altered,
  },
  {
    id: 'output-of-the-next-test',
    tries: 'Leaves a process behind that writes into the output of whoever runs next.',
    language: 'python',
    source: `import os, sys, time
if sys.stdin.read() == "leave" and os.fork() == 0:
    os.setsid()
    for _ in range(600):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            if int(pid) in (1, os.getpid()): continue
            try: open(f"/proc/{pid}/fd/1", "w").write("altered\\n")
            except OSError: pass
        time.sleep(0.005)
    os._exit(0)
time.sleep(0.05)
`,
    tests: [stdio('leave', 'first\n'), stdio('', 'altered\n')],
    stopped: earnsNothing,
    control: { without: 'the engine "process" ends whatever descends from a run as well, before the next one begins' },
  },
]
