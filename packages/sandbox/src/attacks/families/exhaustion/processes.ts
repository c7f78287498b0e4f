import type { Attack } from '../../attack.ts'
import { neverReached, reachedOnProcess, takes } from './takes.ts'

const limits = { processes: 16, wallMs: 4000, cpuMs: 2000 }
const stopped = { ...neverReached, reason: ['processes', 'signalled'], atMost: { processesPeak: 16 } } as const
/** What an endless bomb meets first is chance. */
const bombStopped = {
  ...neverReached,
  reason: ['processes', 'cpu_time', 'wall_time', 'memory'],
  atMost: { processesPeak: 16 },
} as const
const noBomb = { without: 'a real fork bomb would take the machine with it' } as const
const collected = { without: 'the engine "process" ends whatever descends from a run as well; a trace would show' } as const

const takesProcesses = (id: string, tries: string, body: string): Attack => ({
  id,
  tries,
  language: 'python',
  source: takes(body),
  limits,
  stopped,
  control: reachedOnProcess,
})

const bomb = (id: string, tries: string, language: string, source: string): Attack => ({
  id,
  tries,
  language,
  source,
  limits: { processes: 16, wallMs: 1500, cpuMs: 600 },
  stopped: bombStopped,
  control: noBomb,
})

export const processes: readonly Attack[] = [
  bomb('fork-bomb', 'Forks in every process until it may not.', 'python', 'import os\nwhile True: os.fork()\n'),
  bomb(
    'fork-bomb-that-retries',
    'Forks in every process and does not mind a refusal.',
    'python',
    'import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n',
  ),
  bomb('shell-fork-bomb', 'Is the fork bomb of every shell.', 'bash', ':() { : | : & }\n:\nwait\nexit 1\n'),
  bomb(
    'exec-bomb',
    'Becomes a new program again and again, two of them each time.',
    'bash',
    'if [[ $BASHPID == $$ ]]; then trap "" TERM; fi\n(exec bash "$0") &\nexec bash "$0"\n',
  ),
  takesProcesses(
    'children',
    'Keeps 64 children.',
    'for _ in range(64):\n    if os.fork() == 0:\n        time.sleep(30)\n        os._exit(0)',
  ),
  takesProcesses(
    'zombies',
    'Keeps 64 children that have ended, and never waits for one.',
    'for _ in range(64):\n    if os.fork() == 0: os._exit(0)',
  ),
  takesProcesses(
    'threads',
    'Keeps 64 threads.',
    'threading.stack_size(65536)\nhold = threading.Event()\nfor _ in range(64): threading.Thread(target=hold.wait, daemon=True).start()',
  ),
  takesProcesses(
    'orphans',
    'Keeps 64 grandchildren whose parents have ended.',
    `for _ in range(64):
    child = os.fork()
    if child == 0:
        try:
            if os.fork() == 0: time.sleep(30)
        except OSError: os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0: raise OSError("refused")`,
  ),
  takesProcesses(
    'sessions',
    'Keeps 64 processes, each in a session of its own.',
    'for _ in range(64):\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(30)\n        os._exit(0)',
  ),
  {
    id: 'daemon',
    tries: 'Leaves a daemon behind: forked twice, in a session of its own, deaf to signals, with its output closed.',
    language: 'python',
    source: `import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(1, 32):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        os.closerange(0, 64)
        time.sleep(120)
    os._exit(0)
os.wait()
print("@NONCE@ tried yes")
`,
    stopped: { says: { tried: ['yes'] }, reason: 'exited', atMost: { wallMs: 3000 } },
    control: collected,
  },
  {
    id: 'daemon-that-holds-the-output',
    tries: 'Leaves a child behind that holds both streams open, so that the run should wait for it.',
    language: 'python',
    source: `import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(120)
    os._exit(0)
print("@NONCE@ tried yes")
`,
    stopped: { says: { tried: ['yes'] }, reason: 'exited', atMost: { wallMs: 3000 } },
    control: collected,
  },
  {
    id: 'runaway',
    tries: 'Leaves a process that forks and ends without pause, faster than anybody can list it.',
    language: 'python',
    source: `import os
if os.fork() == 0:
    os.setsid()
    for _ in range(20000):
        if os.fork() != 0: os._exit(0)
    os._exit(0)
print("@NONCE@ tried yes")
`,
    stopped: { says: { tried: ['yes'] }, reason: 'exited', atMost: { wallMs: 3000 } },
    control: collected,
  },
  {
    id: 'everybody-killed',
    tries: 'Kills everything that it can reach, and the supervisor of the run first.',
    language: 'python',
    source: `import os, signal
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV):
    for pid in (os.getppid(), 1, -1):
        try: os.kill(pid, number)
        except OSError: pass
print("@NONCE@ tried yes")
`,
    stopped: { says: { tried: ['yes'] }, reason: 'exited' },
    control: { without: 'on the bare machine it would end every process of its user' },
  },
]
