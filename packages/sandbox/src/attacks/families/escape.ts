/** Out of the sandbox: at files, processes and kernel settings of the host that lies around it. */
import type { Attack } from '../attack.ts'
import { denied, python } from '../programs.ts'

const hidden = [...denied, 'ESRCH', 'ENOENT']

export const escapeAttacks: readonly Attack[] = [
  {
    id: 'host-file',
    tries: 'Reads and changes a file of the host that everybody may read and write who can see it.',
    language: 'python',
    source: python(`
quietly(lambda: print(open("@FILE@").read()))
quietly(lambda: open("@FILE@", "a").write("changed"))
quietly(lambda: open("@DIR@/@NONCE@", "w").close())
quietly(lambda: os.rename("@FILE@", "@FILE@-@NONCE@"))`),
    decoys: ['file'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'proc-root',
    tries: 'Looks for the host’s root behind the root, directory and open files of every process that it sees.',
    language: 'python',
    source: python(`
ways = ["/proc/self/root", "/proc/self/cwd/../../../../../..", "/..", "/proc/1/root", "/proc/1/cwd"]
ways += [f"/proc/{pid}/{name}" for pid in filter(str.isdigit, os.listdir("/proc")) for name in ("root", "cwd")]
ways += [f"/proc/self/fd/{number}" for number in range(3, 64)]
for way in ways:
    quietly(lambda: print(open(way + "@FILE@").read()))
    quietly(lambda: open(way + "@FILE@", "a").write("changed"))`),
    decoys: ['file'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'links',
    tries: 'Makes hard and symbolic links to a file of the host, and writes through them.',
    language: 'python',
    source: python(`
quietly(lambda: os.link("@FILE@", "hard"))
quietly(lambda: os.symlink("@FILE@", "soft"))
for name in ("hard", "soft"):
    quietly(lambda: print(open(name).read()))
    quietly(lambda: open(name, "a").write("changed"))`),
    decoys: ['file'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'container-sockets',
    tries: 'Asks a container engine over its socket, wherever one usually lies.',
    language: 'python',
    source: python(`
import socket
for path in ("@UNIX@", "/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock", "/run/crio/crio.sock", "/run/dbus/system_bus_socket", "/run/systemd/private"):
    def ask():
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(1)
            door.connect(path)
            say("reached", path)
    quietly(ask)`),
    decoys: ['unix'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'kernel-settings',
    tries: 'Opens the settings by which a write becomes code of the host’s root.',
    language: 'python',
    source: python(`
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hotplug", "/proc/sysrq-trigger", "/proc/sys/fs/binfmt_misc/register", "/sys/kernel/uevent_helper", "/sys/kernel/debug", "/sys/fs/cgroup/release_agent", "/proc/sys/vm/panic_on_oom"):
    if quietly(lambda: os.open(path, os.O_WRONLY)) is not None: say("opened", path)`),
    surface: 'host-kernel',
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'naive-root' },
  },
  {
    id: 'release-agent',
    tries: 'Mounts a cgroup hierarchy and names its own program as the one that the kernel starts when a group is empty.',
    language: 'python',
    source: python(`
import glob
quietly(lambda: call(272, 97, 0x10000000 | 0x2000000 | 0x20000))
quietly(lambda: os.mkdir("/tmp/cgroup-@NONCE@"))
for kind, what in ((b"cgroup", b"memory"), (b"cgroup", b"rdma"), (b"cgroup", b"none,name=@NONCE@"), (b"cgroup2", b"")):
    if quietly(lambda: call(165, 40, b"none", b"/tmp/cgroup-@NONCE@", kind, 0, what)) == 0: say("mounted", kind.decode())
for path in glob.glob("/sys/fs/cgroup/**/release_agent", recursive=True) + glob.glob("/tmp/cgroup-@NONCE@/release_agent"):
    if quietly(lambda: os.open(path, os.O_WRONLY)) is not None: say("opened", path)
for path in glob.glob("/sys/fs/cgroup/*/cgroup.procs") + ["/sys/fs/cgroup/cgroup.procs"]:
    if quietly(lambda: os.open(path, os.O_WRONLY)) is not None: say("opened", path)`),
    surface: 'host-kernel',
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process', ifAllowed: 'no hierarchy may be mounted from a user namespace' },
  },
  {
    id: 'device-nodes',
    tries: 'Opens every device that it finds, but for those that hold nothing.',
    language: 'python',
    source: python(`
import stat
harmless = {"null", "zero", "full", "random", "urandom"}
for folder, folders, names in os.walk("/dev"):
    for name in names:
        path = os.path.join(folder, name)
        mode = quietly(lambda: os.stat(path).st_mode) or 0
        if (stat.S_ISCHR(mode) or stat.S_ISBLK(mode)) and name not in harmless and not path.startswith(("/dev/fd/", "/dev/std")):
            if quietly(lambda: os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)) is not None: say("opened", path)`),
    surface: 'host-kernel',
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'ptrace-host-process',
    tries: 'Attaches to a process of the host.',
    language: 'python',
    source: python('for pid in (@PIDS@,): attempt("attach", lambda: call(101, 117, 16, pid, 0, 0))'),
    decoys: ['process'],
    stopped: { says: { attach: hidden, tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'host-process-memory',
    tries: 'Reads and writes the memory of a process of the host through /proc and by system calls.',
    language: 'python',
    source: python(`
def search(pid):
    for line in open(f"/proc/{pid}/maps"):
        if "[stack]" not in line and "[heap]" not in line: continue
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        with open(f"/proc/{pid}/mem", "rb", 0) as memory:
            memory.seek(start)
            os.write(1, memory.read(end - start))
for pid in (@PIDS@,):
    quietly(lambda: search(pid))
    room = ctypes.create_string_buffer(16)
    attempt("read", lambda: call(310, 270, pid, room, 0, room, 0, 0))`),
    decoys: ['process'],
    stopped: { says: { read: hidden, tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'host-process-descriptors',
    tries: 'Takes a descriptor out of a process of the host.',
    language: 'python',
    source: python(`
for pid in (@PIDS@,):
    attempt("pidfd", lambda: os.pidfd_open(pid))
    quietly(lambda: say("taken", call(438, 438, os.pidfd_open(pid), 1, 0)))
    quietly(lambda: say("opened", os.open(f"/proc/{pid}/fd/1", os.O_WRONLY)))`),
    decoys: ['process'],
    stopped: { says: { pidfd: hidden, tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'signal-host-process',
    tries: 'Signals a process of the host, by each of the calls that can.',
    language: 'python',
    source: python(`
import signal
for pid in (@PIDS@,):
    attempt("kill", lambda: os.kill(pid, 10))
    attempt("tgkill", lambda: call(234, 131, pid, pid, 12))
    quietly(lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 1))
    quietly(lambda: os.killpg(os.getpgid(pid), 2))`),
    decoys: ['process'],
    stopped: { says: { kill: hidden, tgkill: hidden, tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'slow-host-process',
    tries: 'Changes the priority, processors and limits of a process of the host.',
    language: 'python',
    source: python(`
import resource
for pid in (@PIDS@,):
    attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
    attempt("affinity", lambda: os.sched_setaffinity(pid, {0}))
    attempt("limits", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (4, 4)))
    attempt("group", lambda: os.getpgid(pid))`),
    decoys: ['process'],
    stopped: {
      says: Object.fromEntries([
        ...['priority', 'affinity', 'limits', 'group'].map((name) => [name, hidden]),
        ['tried', ['yes']],
      ]),
    },
    control: { on: 'process' },
  },
  {
    id: 'kill-everything',
    tries: 'Kills every process that it may, with a neighbour running beside it.',
    language: 'python',
    // kill(-1) spares its caller, which therefore can tell: a child of it would be gone with its parent before it spoke.
    source: python(`
import time
if os.fork() == 0: time.sleep(60)
quietly(lambda: os.kill(-1, 9))
say("killed", "all")
os.wait()`),
    decoys: ['process'],
    neighbour: {
      when: 'beside',
      language: 'python',
      source: 'import time\nprint("ready", flush=True)\ntime.sleep(30)\n',
    },
    stopped: { says: { killed: ['all'], tried: ['yes'] } },
    control: { without: 'without isolation it ends every process of its user' },
  },
  {
    id: 'inject-library',
    tries: 'Has the next program of this machine load a library of its own.',
    language: 'python',
    source: python(`
for path in ("/etc/ld.so.preload", "/etc/ld.so.conf", "/etc/ld.so.cache", "/lib64/ld-linux-x86-64.so.2", "/usr/bin/python3", "/usr/lib/python3/dist-packages/@NONCE@.py", "@FILE@"):
    if quietly(lambda: os.open(path, os.O_WRONLY | os.O_CREAT)) is not None: say("opened", path)`),
    decoys: ['file'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
]
