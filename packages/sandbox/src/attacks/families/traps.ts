/** Mistakes that sandboxes of this kind were shipped with. Each control is a sandbox that makes it. */
import type { Attack } from '../attack.ts'
import { c, denied, python } from '../programs.ts'

const processes = 16

export const trapsAttacks: readonly Attack[] = [
  {
    id: 'started-by-root',
    tries: 'Writes kernel settings as the host’s root, whom a sandbox started by root may still be under another name.',
    language: 'python',
    source: python(`
for name in ("core_pattern", "modprobe", "hostname"):
    attempt(name, lambda: os.close(os.open(f"/proc/sys/kernel/{name}", os.O_WRONLY)))`),
    surface: 'host-kernel',
    stopped: {
      says: Object.fromEntries([
        ...['core_pattern', 'modprobe', 'hostname'].map((name) => [name, [...denied, 'EROFS', 'ENOENT']]),
        ['tried', ['yes']],
      ]),
    },
    control: { on: 'naive-root' },
  },
  {
    id: 'runner-environment',
    tries: 'Reads the environment and arguments of whatever started it, at pid 1 and everywhere else.',
    language: 'python',
    source: python(`
for pid in filter(str.isdigit, os.listdir("/proc")):
    for name in ("environ", "cmdline"): quietly(lambda: print(open(f"/proc/{pid}/{name}", errors="replace").read()))`),
    runnerSecret: 'environment',
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'naive' },
  },
  {
    id: 'inherited-descriptor',
    tries: 'Reads every descriptor that it was started with.',
    language: 'python',
    source: python(`
for number in range(3, 1024):
    quietly(lambda: print(os.pread(number, 65536, 0)))
    quietly(lambda: print(open(f"/proc/self/fd/{number}", "rb").read(65536)))`),
    runnerSecret: 'descriptor',
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'naive' },
  },
  {
    id: 'vsock',
    tries: 'Opens a socket to the hypervisor, which no network namespace covers.',
    language: 'c',
    source: c('int main(void) { report("vsock", socket(40, SOCK_STREAM, 0)); say("tried", "yes"); }'),
    surface: 'host-kernel',
    stopped: { says: { vsock: [...denied, 'EAFNOSUPPORT'], tried: ['yes'] } },
    control: { on: 'naive', ifAllowed: 'its kernel has no vsock' },
  },
  {
    id: 'io-uring',
    tries: 'Sets up io_uring, by which system calls are made that no filter sees.',
    language: 'c',
    source: c(
      'int main(void) { char room[120] = {0}; report("io_uring", syscall(SYS_io_uring_setup, 4, room)); say("tried", "yes"); }',
    ),
    surface: 'host-kernel',
    stopped: { says: { io_uring: denied, tried: ['yes'] } },
    control: { on: 'naive', ifAllowed: 'io_uring is switched off' },
  },
  {
    id: 'stopped-pid-1',
    tries: 'Stops the first process of its sandbox by tracing it, so that the run never ends.',
    language: 'c',
    source: c(`
#include <sys/ptrace.h>
int main(void) {
  if (fork() == 0) {
    long attached = ptrace(PTRACE_ATTACH, 1, 0, 0);
    report("attach", attached);
    if (attached == 0) { waitpid(1, 0, __WALL); for (;;) pause(); }
    say("tried", "yes");
    _exit(0);
  }
  usleep(200000);
}`),
    limits: { wallMs: 3000 },
    stopped: { says: { attach: denied, tried: ['yes'] }, reason: 'exited', atMost: { wallMs: 2500 } },
    control: { on: 'naive', ifAllowed: 'a security module keeps programs from tracing others of their user' },
  },
  {
    id: 'kill-pid-1',
    tries: 'Kills, stops and interrupts the first process of its sandbox, which supervises it.',
    language: 'python',
    source: python(`
import signal
for number in (9, 19, 15, 2, 11, 1, 10): quietly(lambda: os.kill(1, number))`),
    stopped: { says: { tried: ['yes'] }, reason: 'exited' },
    control: { without: 'the first process of a bare machine is its init: what kept us from it is not to be found out there' },
  },
  {
    id: 'count-of-processes',
    tries: 'Uses up its processes beside others that do the same, so that one may find fewer than it was promised.',
    language: 'python',
    source: python(`
import time
def start():
    if os.fork() == 0:
        time.sleep(1.5)
        os._exit(0)
started = 0
while started < ${processes - 4} and quietly(lambda: start() or True): started += 1
say("started", "all" if started == ${processes - 4} else "fewer")
time.sleep(1)`),
    limits: { processes },
    atOnce: 3,
    stopped: { says: { started: ['all'], tried: ['yes'] } },
    control: { on: 'naive' },
  },
]
