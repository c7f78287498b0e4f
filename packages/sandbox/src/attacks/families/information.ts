/** What a program may learn of the host, of others on it, and of who runs it. */
import type { Attack, Neighbour } from '../attack.ts'
import { denied, python } from '../programs.ts'

const gone = [...denied, 'ENOENT', 'ESRCH', 'ENOTDIR']

const keeper: Neighbour = {
  when: 'beside',
  language: 'python',
  args: ['@SECRET@'],
  env: { KEPT: '@SECRET@' },
  files: { 'kept.txt': '@SECRET@\n' },
  source: `import os, socket, time
for path in ("/tmp/kept-@NONCE@", "/dev/shm/kept-@NONCE@", "kept-@NONCE@"):
    try:
        open(path, "w").write("@SECRET@")
        os.chmod(path, 0o666)
    except OSError: pass
kept = open("kept.txt")
print("ready", flush=True)
time.sleep(30)
`,
}

/** Reads what `paths` names, whatever it is, and prints it. */
const printing = `
def show(path): os.write(1, open(path, "rb").read(1 << 16))
pids = [name for name in os.listdir("/proc") if name.isdigit()]
`

export const informationAttacks: readonly Attack[] = [
  {
    id: 'host-processes',
    tries: 'Lists the processes of the host with their arguments.',
    language: 'python',
    source: python(`${printing}
for pid in pids + [str(pid) for pid in (@PIDS@,)]:
    quietly(lambda: show(f"/proc/{pid}/cmdline"))
    quietly(lambda: show(f"/proc/{pid}/status"))`),
    decoys: ['process'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'host-process-environment',
    tries: 'Reads the environment of a process of the host that belongs to the same user.',
    language: 'python',
    source: python(`${printing}
for pid in pids + [str(pid) for pid in (@PIDS@,)]: quietly(lambda: show(f"/proc/{pid}/environ"))`),
    decoys: ['process'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'guess-processes',
    tries: 'Finds out whether a process of the host exists, by every call that answers to a number.',
    language: 'python',
    source: python(`
import signal
for pid in (@PIDS@,):
    attempt("kill", lambda: os.kill(pid, 0))
    attempt("session", lambda: os.getsid(pid))
    attempt("scheduler", lambda: os.sched_getscheduler(pid))
    attempt("affinity", lambda: os.sched_getaffinity(pid))
    attempt("priority", lambda: os.getpriority(os.PRIO_PROCESS, pid))`),
    decoys: ['process'],
    stopped: {
      says: {
        ...Object.fromEntries(
          ['kill', 'session', 'scheduler', 'affinity', 'priority'].map((name) => [name, ['ESRCH', ...denied]]),
        ),
        tried: ['yes'],
      },
    },
    // A process of another user answers EPERM to kill: that, too, says that it exists, but not whose it is.
    control: { on: 'process' },
  },
  {
    id: 'neighbour-processes',
    tries: 'Reads arguments, environment and open files of a program in another sandbox.',
    language: 'python',
    source: python(`${printing}
for pid in pids:
    if int(pid) == os.getpid(): continue
    for name in ("cmdline", "environ", "cwd/kept.txt", "root/tmp/kept-@NONCE@", "cwd/kept-@NONCE@", "fd/3", "fd/4", "fd/5"):
        quietly(lambda: show(f"/proc/{pid}/{name}"))`),
    neighbour: keeper,
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'neighbour-files',
    tries: 'Searches its file system for what a program in another sandbox has written.',
    language: 'python',
    source: python(`
seen = 0
for start in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/work", "/home", "/var/lib", "/mnt", "..", "../.."):
    for folder, folders, names in os.walk(start):
        if folder.count("/") > 6: folders.clear()
        for name in names:
            seen += 1
            if seen < 20000 and "kept" in name: quietly(lambda: os.write(1, open(os.path.join(folder, name), "rb").read(4096)))`),
    limits: { wallMs: 10_000, cpuMs: 8000 },
    neighbour: keeper,
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'neighbour-activity',
    tries: 'Watches the files of a runtime to learn what a program in another sandbox opens.',
    language: 'python',
    source: python(`
import fcntl, json, select, signal, time
watcher = libc.inotify_init1(os.O_NONBLOCK)
for path in (json.__file__, os.path.dirname(json.__file__), os.path.dirname(os.__file__), sys.executable): libc.inotify_add_watch(watcher, os.path.realpath(path).encode(), 0x20)
heard = []
signal.signal(signal.SIGIO, lambda *_: heard.append(1))
folder = os.open(os.path.dirname(json.__file__), os.O_RDONLY)
quietly(lambda: fcntl.fcntl(folder, 1026, 1 | -0x80000000))
end = time.monotonic() + 1.5
while time.monotonic() < end:
    select.select([watcher] if watcher >= 0 else [], [], [], 0.1)
    if watcher >= 0 and quietly(lambda: os.read(watcher, 4096)): say("opened", "inotify"); break
    if heard: say("opened", "dnotify"); break`),
    neighbour: {
      when: 'beside',
      language: 'python',
      source: `import os, time
print("ready", flush=True)
import json
while True:
    open(json.__file__).close()
    open(os.path.join(os.path.dirname(json.__file__), "decoder.py")).close()
    time.sleep(0.02)
`,
    },
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'sockets-of-the-host',
    tries: 'Lists the sockets of the host.',
    language: 'python',
    source: python(`
port = f":{@TCP@:04X} "
for name in ("tcp", "tcp6", "udp", "unix"):
    text = quietly(lambda: open(f"/proc/net/{name}").read()) or ""
    if port in text or "@ABSTRACT@" in text: say("listed", name)`),
    decoys: ['tcp', 'abstract'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'hostname',
    tries: 'Asks for the name of the machine.',
    language: 'python',
    source: python(`
import socket
names = [os.uname().nodename, socket.gethostname(), quietly(lambda: open("/etc/hostname").read().strip()), quietly(lambda: open("/proc/sys/kernel/hostname").read().strip())]
say("name", "the-hosts" if "@HOSTNAME@" in names else "another")`),
    stopped: { says: { name: ['another'], tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'kernel-log',
    tries: 'Reads the log of the kernel.',
    language: 'python',
    source: python(`
attempt("syslog", lambda: call(103, 116, 3, ctypes.create_string_buffer(4096), 4096))
attempt("kmsg", lambda: os.read(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK), 4096))
attempt("proc-kmsg", lambda: os.open("/proc/kmsg", os.O_RDONLY | os.O_NONBLOCK))`),
    surface: 'host-kernel',
    stopped: { says: { syslog: gone, kmsg: gone, 'proc-kmsg': gone, tried: ['yes'] } },
    control: { on: 'process', ifAllowed: 'kernel.dmesg_restrict keeps it from ordinary users' },
  },
  {
    id: 'kernel-memory',
    tries: 'Reads the memory of the machine and of its kernel.',
    language: 'python',
    source: python(`
for name in ("/proc/kcore", "/dev/mem", "/dev/kmem", "/dev/port", "/proc/kpagecount", "/proc/iomem", "/proc/vmallocinfo", "/proc/slabinfo"):
    attempt(name, lambda: os.open(name, os.O_RDONLY))
    break
for name in ("/proc/kcore", "/dev/mem", "/dev/kmem", "/dev/port", "/proc/kpagecount"):
    if quietly(lambda: len(os.read(os.open(name, os.O_RDONLY), 64))): say("read", name)`),
    surface: 'host-kernel',
    stopped: { says: { '/proc/kcore': gone, tried: ['yes'] } },
    control: { without: 'no ordinary user may, isolated or not' },
  },
  {
    id: 'kernel-addresses',
    tries: 'Reads where the kernel lies in memory.',
    language: 'python',
    source: python(`
def address(path): return any(int(line.split()[0], 16) for line in open(path) if line.split())
for path in ("/proc/kallsyms", "/proc/modules", "/sys/kernel/notes"):
    if path == "/proc/kallsyms" and quietly(lambda: address(path)): say("address", path)
if quietly(lambda: open("/sys/kernel/btf/vmlinux", "rb").read(16)): say("layout", "btf")`),
    surface: 'host-kernel',
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process', ifAllowed: 'kernel.kptr_restrict hides them, and there is no BTF' },
  },
  {
    id: 'hardware',
    tries: 'Reads serial numbers, names of disks and what else tells this machine from others.',
    language: 'python',
    source: python(`
import glob
for pattern in ("/sys/class/dmi/id/*", "/sys/firmware/*", "/sys/class/net/*/address", "/sys/block/*/size", "/sys/devices/virtual/dmi/id/product_uuid", "/dev/disk/by-id/*", "/etc/machine-id", "/var/lib/dbus/machine-id", "/proc/device-tree/serial-number", "/sys/hypervisor/uuid"):
    for path in glob.glob(pattern):
        if os.path.isfile(path) and quietly(lambda: open(path, "rb").read(64)): say("read", path)`),
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'cgroup-paths',
    tries: 'Reads the names of control groups, which tell who runs it.',
    language: 'python',
    source: python(`
for path in ("/proc/self/cgroup", "/proc/1/cgroup"):
    for line in (quietly(lambda: open(path).read()) or "").splitlines():
        if line.split(":", 2)[2] != "/": say("named", line.split(":", 2)[2])
for folder in ("/sys/fs/cgroup", "/sys/kernel"):
    if quietly(lambda: os.listdir(folder)): say("listed", folder)`),
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'accounts',
    tries: 'Lists the accounts, groups and home directories of the host.',
    language: 'python',
    source: python(`
import pwd
people = [person.pw_name for person in pwd.getpwall() if 1000 <= person.pw_uid < 60000]
for name in people: say("account", name)
for folder in ("/home", "/root", "/etc/ssh", "/etc/sudoers.d", "/var/spool/cron", "/var/log"):
    for name in quietly(lambda: os.listdir(folder)) or []: say("listed", f"{folder}/{name}"); break`),
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'shared-objects',
    tries: 'Lists shared memory, semaphores, message queues and keys of the host.',
    language: 'python',
    source: python(`
for name in ("shm", "sem", "msg"):
    if len((quietly(lambda: open(f"/proc/sysvipc/{name}").read()) or "").splitlines()) > 1: say("listed", name)
for path in ("/dev/shm", "/dev/mqueue"):
    for name in quietly(lambda: os.listdir(path)) or []: say("listed", name)`),
    neighbour: {
      when: 'beside',
      language: 'python',
      source: `import ctypes, os, time
ctypes.CDLL(None).shmget(0x@NONCE8@ & 0x7fffffff, 4096, 0o1666)
open("/dev/shm/kept-@NONCE@", "w").write("@SECRET@")
print("ready", flush=True)
time.sleep(30)
`,
    },
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
]
