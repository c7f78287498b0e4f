/** At files that are not the program's: of the host, of a run before or beside it; and more of the disk than it was given. */
import type { Attack } from '../attack.ts'
import { c, python } from '../programs.ts'
import { carryOver } from './files/carry-over.ts'
import { names } from './files/names.ts'
import { room } from './files/room.ts'

export const filesAttacks: readonly Attack[] = [
  {
    id: 'secrets-of-root',
    tries: 'Reads files of the host that only its root may read.',
    language: 'python',
    source: python(`
quietly(lambda: print(open("@PRIVATE@").read()))
for path in ("/etc/shadow", "/etc/gshadow", "/root/.ssh/id_rsa", "/root/.bash_history", "/etc/ssh/ssh_host_ed25519_key", "/var/lib/docker", "/var/run/secrets/kubernetes.io/serviceaccount/token", "/run/secrets"):
    if quietly(lambda: os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)): say("read", path)`),
    decoys: ['private-file'],
    stopped: { says: { tried: ['yes'] } },
    control: {
      without: 'no ordinary user may, isolated or not; escape/host-file shows that a file that may be read would be seen',
    },
  },
  {
    id: 'write-everywhere',
    tries: 'Makes a file in every directory but its own work directory, /tmp and /dev/shm.',
    language: 'python',
    source: python(`
own = ("/work", "/tmp", "/dev/shm", "/proc", "/dev/fd", os.getcwd())
for start in ("/", "@DIR@"):
    for folder, folders, _ in os.walk(start):
        if start == "/" and folder.startswith(own): folders.clear(); continue
        if quietly(lambda: os.close(os.open(folder.rstrip("/") + "/@NONCE@", os.O_CREAT | os.O_WRONLY))  or True): say("made", folder)
        if quietly(lambda: os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY)) or True): say("made", f"{folder} without a name")
        if folder.count("/") > 3: folders.clear()`),
    limits: { wallMs: 15_000, cpuMs: 10_000 },
    decoys: ['file'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'write-to-programs',
    tries: 'Changes the programs, libraries and accounts that the next run sees.',
    language: 'python',
    source: python(`
import glob
for pattern in ("/etc/*", "/usr/bin/python3*", "/usr/bin/[a-c]*", "/usr/lib/python3*/os.py", "/usr/lib/python3*/encodings/*.py", "/lib/*/libc.so*", "/.crucible/*", "@DIR@/*"):
    for path in glob.glob(pattern):
        if os.path.isfile(path) and quietly(lambda: os.close(os.open(path, os.O_WRONLY)) or True): say("opened", path)
        if quietly(lambda: os.chmod(path, 0o777) or True) and not path.startswith("@DIR@"): say("changed", path)
        if quietly(lambda: os.rename(path, path + "-@NONCE@") or True): say("renamed", path)`),
    decoys: ['file'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'write-to-kernel-files',
    tries: 'Writes to whatever can be written below /proc and /sys but for its own process.',
    language: 'python',
    source: python(`
seen = 0
for start in ("/proc/sys", "/proc/irq", "/proc/fs", "/proc/bus", "/sys"):
    for folder, folders, names in os.walk(start):
        if folder.count("/") > 7: folders.clear()
        for name in names:
            seen += 1
            path = os.path.join(folder, name)
            # ns_last_pid looks writable and belongs to the pid namespace: what it holds is the next number in there.
            if seen < 30000 and name != "ns_last_pid" and os.access(path, os.W_OK): say("writable", path); break
for name in ("/proc/1/oom_score_adj", "/proc/1/coredump_filter", "/proc/1/uid_map", "/proc/self/uid_map"):
    if quietly(lambda: os.close(os.open(name, os.O_WRONLY)) or True) and name.startswith("/proc/1"): say("opened", name)
if quietly(lambda: os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"-1000")): say("spared", "itself")`),
    limits: { wallMs: 15_000, cpuMs: 10_000 },
    surface: 'host-kernel',
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'naive-root' },
  },
  {
    id: 'mounts-of-the-host',
    tries: 'Looks into its mounts for a directory of the host that belongs to others.',
    language: 'python',
    source: python(`
points = {line.split()[4] for line in open("/proc/self/mountinfo")}
for point in points:
    if point.startswith(("/work", "/tmp", "/dev", "/proc", "/sys")): continue
    seen = quietly(lambda: os.statvfs(point)) # of what the path leads to: a mount below another one cannot be reached
    if seen is None: continue
    if seen.f_flag in (0, 32): # no flag, or "valid" alone: gVisor tells none, and then only trying tells
        if quietly(lambda: open(point + "/mark" if os.path.isdir(point) else point, "a")): say("writable", point)
        continue
    if not seen.f_flag & os.ST_RDONLY: say("writable", point)
    if not seen.f_flag & os.ST_NOSUID: say("setuid", point)
quietly(lambda: os.listdir("@DIR@")) and say("listed", "the-hosts")`),
    decoys: ['file'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  ...carryOver,
  ...names,
  ...room,
  {
    id: 'odd-leftovers',
    tries: 'Leaves pipes, sockets, endless links and unreadable directories for whoever cleans up or collects.',
    language: 'c',
    source: c(`
#include <sys/un.h>
int main(void) {
  mkfifo("pipe", 0666);
  symlink("/dev/zero", "zero"); symlink("loop", "loop"); symlink("@FILE@", "host"); link("@FILE@", "hard");
  struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "door"};
  bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name);
  mkdir("locked", 0700); close(open("locked/inside", O_CREAT | O_WRONLY, 0600)); chmod("locked", 0);
  mkdir("\\377\\376 %s %n", 0700); close(open("-rf", O_CREAT | O_WRONLY, 0600));
  chmod(".", 0);
  say("tried", "yes");
}`),
    decoys: ['file'],
    stopped: { says: { tried: ['yes'] }, reason: 'exited' },
    control: {
      without:
        'whoever cleans up must succeed everywhere; that the file behind the links stays as it is, is seen in escape/links',
    },
  },
]
