import type { Case } from '../case.ts'

const raise = (signal: string) => `import os, signal\nos.kill(os.getpid(), signal.${signal})\n`

export const ends: readonly Case[] = [
  ...[0, 1, 42, 124, 137, 139, 143, 255].map(
    (code): Case => ({
      name: `exit code ${code} is exit code ${code}, and no signal`,
      source: `import os\nos._exit(${code})\n`,
      expect: { reason: 'exited', exitCode: code, signal: null },
    }),
  ),
  ...['SIGSEGV', 'SIGABRT', 'SIGTERM', 'SIGKILL', 'SIGFPE'].map(
    (signal): Case => ({
      name: `death by ${signal} is ${signal}, and no exit code`,
      source: raise(signal),
      expect: { reason: 'signalled', exitCode: null, signal },
    }),
  ),
  {
    name: 'an uncaught exception leaves its traceback',
    source: '1/0\n',
    expect: { reason: 'exited', exitCode: 1, stderrHas: 'ZeroDivisionError' },
  },
  {
    name: 'a program of less than a millisecond ends like any other',
    source: 'import os\nos._exit(0)\n',
    atOnce: 2,
    expect: { reason: 'exited', exitCode: 0 },
  },
  {
    name: 'an aborted run is cancelled at once',
    source: 'import time\nprint("up", flush=True)\ntime.sleep(60)\n',
    abortOnOutput: true,
    expect: { reason: 'cancelled', stdout: 'up\n', wallMsMax: 10_000 },
  },
]
