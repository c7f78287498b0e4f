/** More rights than were given, by asking the kernel for them or by whoever has them. */
import type { Attack, Control } from '../attack.ts'
import { c, denied, python } from '../programs.ts'
import { systemCalls } from './privilege/system-calls.ts'

const ifAllowed = (why: string): Control => ({ on: 'process', ifAllowed: why })

/** What the kernel does not offer at all on arm64. */
const foreignCalls: readonly Attack[] = [
  {
    id: 'foreign-architecture',
    tries: 'Makes system calls as a 32-bit program, whose numbers mean other calls.',
    language: 'c',
    source: c(`
int main(void) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory"); /* getpid there, writev here */
  errno = result < 0 ? (int)-result : 0;
  report("int80", result < 0 ? -1 : 0);
}`),
    architecture: 'x64',
    surface: 'host-kernel',
    stopped: { says: { int80: denied } },
    control: ifAllowed('its kernel runs no 32-bit programs'),
  },
  {
    id: 'x32-calls',
    tries: 'Makes system calls by their x32 numbers, which a careless filter does not know.',
    language: 'c',
    source: c('int main(void) { report("x32", syscall(0x40000000 + 39)); }'),
    architecture: 'x64',
    surface: 'host-kernel',
    stopped: { says: { x32: denied } },
    control: ifAllowed('its kernel has no x32'),
  },
]

export const privilegeAttacks: readonly Attack[] = [
  ...systemCalls,
  ...foreignCalls,
  {
    id: 'setuid-programs',
    tries: 'Starts every setuid program it finds and looks as whom it runs.',
    language: 'python',
    source: python(`
import stat, subprocess
def euid(path):
    started = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try: return next(line for line in open(f"/proc/{started.pid}/status") if line.startswith("Uid:")).split()[2]
    finally: started.kill(); started.wait()
own = str(os.geteuid())
for folder in ("/usr/bin", "/usr/sbin", "/bin", "/usr/local/bin"):
    for name in quietly(lambda: os.listdir(folder)) or []:
        path = os.path.join(folder, name)
        mode = quietly(lambda: os.stat(path).st_mode) or 0
        if mode & stat.S_ISUID and name in ("su", "passwd", "chsh", "newgrp", "gpasswd"):
            if (quietly(lambda: euid(path)) or own) != own: say("another", path)`),
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process', ifAllowed: 'it has no setuid programs, or has them on a file system where that bit is dead' },
  },
  {
    id: 'capabilities',
    tries: 'Looks for a capability that it holds or could gain.',
    language: 'python',
    source: python(`
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
status.setdefault("CapAmb", "0") # gVisor has no such set
for name in ("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd"): say(name, int(status[name], 16))
import ctypes
say("NoNewPrivs", ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))`),
    stopped: {
      says: {
        ...Object.fromEntries(['CapEff', 'CapPrm', 'CapInh', 'CapAmb', 'CapBnd'].map((name) => [name, ['0']])),
        NoNewPrivs: ['1'],
        tried: ['yes'],
      },
    },
    control: { on: 'process' },
  },
]
