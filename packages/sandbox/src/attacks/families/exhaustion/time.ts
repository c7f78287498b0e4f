import type { Attack } from '../../attack.ts'
import { neverReached, reachedOnProcess, takes } from './takes.ts'

/** All use about a second of processor time and may have a third of one. */
const takesProcessor = (id: string, tries: string, body: string, more: Partial<Attack> = {}): Attack => ({
  id,
  tries,
  language: 'python',
  source: takes(body),
  limits: { cpuMs: 300, wallMs: 8000 },
  needs: ['cpuMs'],
  stopped: { ...neverReached, reason: 'cpu_time', atMost: { cpuMs: 1500 } },
  control: reachedOnProcess,
  ...more,
})

const burn = (ms: number) => `until = time.process_time() + ${ms / 1000}\nwhile time.process_time() < until: pass`

/** All last a second and a half and may last half of one. */
const takesTime = (id: string, tries: string, body: string): Attack => ({
  id,
  tries,
  language: 'python',
  source: takes(body),
  limits: { wallMs: 500 },
  stopped: { ...neverReached, reason: 'wall_time', atMost: { wallMs: 4000 } },
  control: reachedOnProcess,
})

const mebibyte = 2 ** 20
const flood = (id: string, tries: string, source: string, language = 'python'): Attack => ({
  id,
  tries,
  language,
  source,
  limits: { outputBytes: 65_536 },
  stopped: { reason: 'output', verdict: 'output_limit', atMost: { keptBytes: 65_536 } },
  control: { on: 'process', with: { limits: { outputBytes: 8 * mebibyte } }, shows: 'kept output in bytes' },
})

export const time: readonly Attack[] = [
  takesProcessor('busy-loop', 'Keeps a processor busy.', burn(900)),
  takesProcessor(
    'busy-children',
    'Keeps a processor busy in four children, each for less than its limit.',
    `for _ in range(4):\n    if os.fork() == 0:\n${indented(burn(270), 8)}\n        os._exit(0)\nfor _ in range(4):\n    if os.wait()[1]: raise OSError("one was ended")`,
  ),
  takesProcessor(
    'short-lived-children',
    'Keeps a processor busy in one child after the other, each gone before it could be counted.',
    `for _ in range(45):\n    child = os.fork()\n    if child == 0:\n${indented(burn(20), 8)}\n        os._exit(0)\n    if os.waitpid(child, 0)[1]: raise OSError("one was ended")`,
  ),
  takesProcessor(
    'busy-orphans',
    'Keeps a processor busy in processes that its own tree no longer shows.',
    `reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    for _ in range(4):
        if os.fork() == 0:
${indented(burn(250), 12)}
            os.write(writer, b"x")
            os._exit(0)
    os._exit(0)
os.wait()
if sum(len(os.read(reader, 1)) for _ in range(4)) < 4: raise OSError("ended")`,
  ),
  takesProcessor(
    'busy-in-the-kernel',
    'Has the kernel work for it: system time, not its own.',
    'until = time.process_time() + 0.9\nwhile time.process_time() < until: os.urandom(MiB)',
  ),
  takesProcessor(
    'one-long-call',
    'Spends a second in one call, in which an interpreter hears no signal.',
    'hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2_500_000)',
  ),
  takesTime('sleeper', 'Sleeps.', 'time.sleep(1.5)'),
  takesTime(
    'deaf',
    'Ignores every signal that can be ignored, and sleeps.',
    'for number in range(1, 65):\n    try: signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError): pass\ntime.sleep(1.5)',
  ),
  takesTime(
    'stopped-group',
    'Stops its own process group, so that no timer of it runs, and is woken later.',
    'if os.fork() == 0:\n    os.setsid()\n    time.sleep(1.5)\n    os.kill(os.getppid(), signal.SIGCONT)\n    os._exit(0)\nos.kill(os.getpid(), signal.SIGSTOP)',
  ),
  takesTime(
    'waiting-for-nobody',
    'Opens a pipe that nobody reads, which waits without end.',
    'signal.signal(signal.SIGALRM, lambda *_: (os.write(1, b"@NONCE@ reached yes\\n"), os._exit(0)))\nsignal.setitimer(signal.ITIMER_REAL, 1.5)\nos.mkfifo("pipe")\nos.open("pipe", os.O_WRONLY)',
  ),
  takesTime(
    'vforked',
    'Waits for a child as vfork does, which no signal but the last one interrupts.',
    'libc.vfork.restype = ctypes.c_int\nos.posix_spawn(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(1.5)"], os.environ)\nos.wait()',
  ),
  flood('flood-stdout', 'Floods standard output.', 'import os\nfor _ in range(64): os.write(1, b"x" * 65536)\n'),
  flood('flood-stderr', 'Floods standard error.', 'import os\nfor _ in range(64): os.write(2, b"x" * 65536)\n'),
  flood(
    'flood-both',
    'Floods both streams at once, each by less than the limit.',
    'import os\nfor _ in range(60):\n    os.write(1, b"x" * 1000)\n    os.write(2, b"y" * 1000)\n',
  ),
  flood(
    'flood-from-children',
    'Floods standard output from eight processes.',
    'for n in 1 2 3 4 5 6 7 8; do head -c 400000 /dev/zero & done\nwait\n',
    'bash',
  ),
  flood(
    'flood-reopened',
    'Floods its output through a name of it.',
    'kept = open("/dev/stdout", "wb", buffering=0)\nfor _ in range(64): kept.write(b"x" * 65536)\n',
  ),
]

function indented(text: string, blanks: number): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(blanks) + line)
    .join('\n')
}
