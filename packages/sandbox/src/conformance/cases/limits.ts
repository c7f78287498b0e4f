import type { Case } from '../case.ts'

const mebibyte = 2 ** 20

export const limits: readonly Case[] = [
  {
    name: 'wall time: a sleeper is stopped, and what it had written is kept',
    source: 'import time\nprint("before", flush=True)\ntime.sleep(60)\n',
    limits: { wallMs: 500 },
    expect: { reason: 'wall_time', stdout: 'before\n', wallMsMax: 5000 },
  },
  {
    name: 'wall time: a program that ignores every signal is stopped too',
    source:
      'import signal, time\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\ntime.sleep(60)\n',
    limits: { wallMs: 500 },
    expect: { reason: 'wall_time', wallMsMax: 5000 },
  },
  {
    name: 'wall time: stopping its own process group does not dodge the clock',
    source: 'import os, signal\nos.kill(0, signal.SIGSTOP)\n',
    limits: { wallMs: 500 },
    expect: { reason: 'wall_time', wallMsMax: 5000 },
  },
  {
    name: 'CPU time: a busy loop is stopped',
    source: 'while True: pass\n',
    limits: { cpuMs: 300, wallMs: 10_000 },
    expect: { reason: 'cpu_time', cpuMsMin: 200, wallMsMax: 9000 },
  },
  {
    name: 'CPU time: the whole tree counts, not each process',
    source: 'import os\nfor _ in range(6): os.fork()\nwhile True: pass\n',
    limits: { cpuMs: 500, wallMs: 10_000, processes: 80 },
    needs: ['cpuMs', 'processes'],
    expect: { reason: 'cpu_time', wallMsMax: 9000 },
  },
  {
    name: 'memory: an allocation over the limit is named as such',
    source: 'print("before", flush=True)\nx = bytearray(10**9)\nprint("after")\n',
    limits: { memoryBytes: 64 * mebibyte },
    needs: ['memoryBytes'],
    expect: { reason: 'memory', stdoutHas: 'before', stdoutLacks: 'after' },
  },
  {
    name: 'memory: children count',
    source:
      'import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        x = bytearray(24 * 2**20)\n        time.sleep(5)\n        os._exit(0)\nfor _ in range(4): os.wait()\nprint("after")\n',
    limits: { memoryBytes: 64 * mebibyte },
    needs: ['memoryBytes'],
    expect: { reason: 'memory' },
  },
  {
    name: 'memory: files in /tmp count as the memory that they are, or as disk',
    source: 'f = open("/tmp/big", "wb")\nfor _ in range(200): f.write(bytes(2**20))\nprint("after")\n',
    limits: { memoryBytes: 64 * mebibyte, diskBytes: 16 * mebibyte },
    needs: ['memoryBytes', 'diskBytes'],
    expect: { stdoutLacks: 'after' },
  },
  {
    name: 'memory: the peak is measured',
    source: 'x = bytearray(40 * 2**20)\nx[::4096] = b"x" * len(x[::4096])\n',
    needs: ['memoryBytes'],
    expect: { reason: 'exited', memoryPeakBytesMin: 40 * mebibyte },
  },
  {
    name: 'processes: a fork bomb is contained',
    source:
      'import os\nn = 0\ntry:\n    while True:\n        if os.fork() == 0:\n            import time\n            time.sleep(30)\n            os._exit(0)\n        n += 1\nexcept OSError as error:\n    print("refused after", n < 40)\n    os._exit(0)\n',
    limits: { processes: 20, wallMs: 5000 },
    needs: ['processes'],
    expect: { reason: ['exited', 'processes'], wallMsMax: 10_000 },
  },
  {
    name: 'processes: threads within the limit start',
    source:
      'import threading\nseen = []\nthreads = [threading.Thread(target=seen.append, args=(n,)) for n in range(8)]\nfor t in threads: t.start()\nfor t in threads: t.join()\nprint(sorted(seen))\n',
    expect: { reason: 'exited', stdout: '[0, 1, 2, 3, 4, 5, 6, 7]\n' },
  },
  {
    name: 'processes: threads count',
    source:
      'import threading, time, os\ntry:\n    for n in range(200): threading.Thread(target=time.sleep, args=(30,), daemon=True).start()\n    print("all")\nexcept RuntimeError:\n    print("refused", flush=True)\nos._exit(0)\n',
    limits: { processes: 20 },
    needs: ['processes'],
    expect: { stdoutLacks: 'all' },
  },
  {
    name: 'output: a flood is stopped, counted, and cut in the middle',
    source: 'import sys\nsys.stdout.write("head")\nwhile True: sys.stdout.write("x" * 65536)\n',
    limits: { outputBytes: 100_000 },
    expect: {
      reason: 'output',
      cut: 'stdout',
      stdoutHas: 'head',
      stdoutKeptMax: 100_000,
      stdoutBytesMin: 100_000,
      wallMsMax: 10_000,
    },
  },
  {
    name: 'output: a flood on standard error is one as well',
    source: 'import sys\nwhile True: sys.stderr.write("x" * 65536)\n',
    limits: { outputBytes: 100_000 },
    expect: { reason: 'output', cut: 'stderr', wallMsMax: 10_000 },
  },
  {
    name: 'disk: a full work directory is refused to the program, not to the machine',
    source:
      'try:\n    f = open("big", "wb", buffering=0)\n    for n in range(200): f.write(bytes(2**20))\n    print("all")\nexcept OSError as error:\n    print("refused", error.errno)\n',
    limits: { diskBytes: 16 * mebibyte },
    needs: ['diskBytes'],
    expect: { stdoutLacks: 'all' },
  },
  {
    name: 'disk: millions of empty files end in a refusal',
    source:
      'import os\nos.mkdir("d")\ntry:\n    for n in range(3_000_000): os.close(os.open(f"d/{n}", os.O_CREAT | os.O_WRONLY))\n    print("all")\nexcept OSError as error:\n    print("refused", error.errno)\n',
    limits: { diskBytes: 4 * mebibyte, memoryBytes: 64 * mebibyte },
    needs: ['diskBytes'],
    expect: { stdoutLacks: 'all' },
  },
]
