/** At files that are not the program's: of the host, of a run before or beside it; and more of the disk than it was given. */
import type { Attack, Control, Neighbour } from '../attack.ts'
import { c, denied, python } from '../programs.ts'

const onProcess: Control = { on: 'process' }
const mebibyte = 2 ** 20

/** Somebody else's run, which is over by then and has left `what` wherever it could. */
const left = (source: string): Neighbour => ({ when: 'before', language: 'python', source })

type CarryOver = { readonly tries: string; readonly leave: string; readonly find: string; readonly control?: Control }

const carryOvers: Readonly<Record<string, CarryOver>> = {
  'left-in-shared-memory': {
    tries: 'Reads what an earlier run left in /dev/shm.',
    leave: 'open("/dev/shm/@NONCE@", "w").write("@SECRET@")\nimport os\nos.chmod("/dev/shm/@NONCE@", 0o666)',
    find: 'for name in os.listdir("/dev/shm"): quietly(lambda: print(open("/dev/shm/" + name).read(4096)))',
  },
  'left-in-temporary-files': {
    tries: 'Reads what an earlier run left in /tmp, /var/tmp and other places that everybody may write.',
    leave: `import os
for folder in ("/tmp", "/var/tmp", "/run/lock", "/run", "/var/crash", "/dev", "/"):
    try:
        open(f"{folder}/@NONCE@", "w").write("@SECRET@")
        os.chmod(f"{folder}/@NONCE@", 0o666)
    except OSError: pass`,
    find: `for folder in ("/tmp", "/var/tmp", "/run/lock", "/run", "/var/crash", "/dev", "/"):
    quietly(lambda: print(open(f"{folder}/@NONCE@").read()))`,
  },
  'left-in-a-segment': {
    tries: 'Reads a segment of shared memory that an earlier run left in the kernel.',
    leave: `import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
ctypes.memmove(libc.shmat(libc.shmget(0x@NONCE8@ & 0x7fffffff, 4096, 0o1666), None, 0), b"@SECRET@", 32)`,
    find: `libc.shmat.restype = ctypes.c_void_p
found = libc.shmget(0x@NONCE8@ & 0x7fffffff, 0, 0)
if found >= 0:
    print(ctypes.string_at(libc.shmat(found, None, 0), 32).decode())
    libc.shmctl(found, 0, None)`,
    control: { on: 'process', with: {} },
  },
  'left-in-a-queue': {
    tries: 'Reads a message queue that an earlier run left in the kernel.',
    leave: `import ctypes
libc = ctypes.CDLL(None)
libc.msgsnd(libc.msgget(0x@NONCE8@ & 0x7fffffff, 0o1666), (1).to_bytes(8, "little") + b"@SECRET@", 32, 0)`,
    find: `found = libc.msgget(0x@NONCE8@ & 0x7fffffff, 0)
if found >= 0:
    room = ctypes.create_string_buffer(64)
    libc.msgrcv(found, room, 32, 0, 0o4000)
    os.write(1, room.raw)
    libc.msgctl(found, 0, None)`,
  },
  'left-in-a-posix-queue': {
    tries: 'Reads a POSIX message queue that an earlier run left in the kernel.',
    leave: `import ctypes, os
libc = ctypes.CDLL(None)
os.umask(0)
queue = libc.mq_open(b"/@NONCE@", os.O_CREAT | os.O_RDWR, 0o666, None)
libc.mq_send(queue, b"@SECRET@", 32, 0)`,
    find: `queue = libc.mq_open(b"/@NONCE@", os.O_RDONLY | os.O_NONBLOCK)
if queue >= 0:
    room = ctypes.create_string_buffer(8192)
    libc.mq_receive(queue, room, 8192, None)
    os.write(1, room.raw[:64])`,
    control: { on: 'process', ifAllowed: 'its kernel has no POSIX message queues' },
  },
  'left-in-a-keyring': {
    tries: 'Reads a key that an earlier run left in a keyring that both were started with.',
    leave: `import ctypes, platform
libc = ctypes.CDLL(None)
x64 = platform.machine() == "x86_64"
for ring in (-3, -4, -5): # of the session, of the user, of the user's session
    key = libc.syscall(ctypes.c_long(248 if x64 else 217), b"user", b"@NONCE@", b"@SECRET@", ctypes.c_long(32), ctypes.c_long(ring))
    if key > 0: libc.syscall(ctypes.c_long(250 if x64 else 219), ctypes.c_long(15), ctypes.c_long(key), ctypes.c_long(20)) # gone in 20 s`,
    find: `room = ctypes.create_string_buffer(64)
key = quietly(lambda: call(249, 218, b"user", b"@NONCE@", 0, 0))
if key: quietly(lambda: call(250, 219, 11, key, room, 64)) and os.write(1, room.raw)
for line in (quietly(lambda: open("/proc/keys").read()) or "").splitlines():
    if "@NONCE@" in line: say("listed", "key")`,
    control: { on: 'naive', ifAllowed: 'keys may not be kept in the session of who runs this' },
  },
}

/** File names of a job that lead out of the work directory, or at what is not the program's. */
const paths: Readonly<Record<string, readonly [tries: string, path: string]>> = {
  'path-parent': ['Names a file above the work directory.', '../crucible-attack'],
  'path-inner-parent': ['Names a file above the work directory by a detour.', 'a/../../crucible-attack'],
  'path-absolute': ['Names a file by an absolute path.', '/tmp/crucible-attack'],
  'path-own-directory': ['Names a file where the runner keeps its own.', '.crucible/harness.py'],
  'path-own-program': ['Names a file like the compiled program.', '.crucible-program'],
  'path-option': ['Names a file like an option of the command that is given it.', '-c'],
  'path-nul': ['Names a file with a NUL byte, after which some see the end.', 'main.py\0/../../crucible-attack'],
  'path-empty-part': ['Names a file with an empty part.', 'a//b'],
  'path-too-long': ['Names a file longer than any path may be.', 'a/'.repeat(3000)],
  'path-conflict': ['Names a file and a directory alike.', 'main.py/inside'],
}

const disk = (id: string, tries: string, source: string, more: Partial<Attack> = {}): Attack => ({
  id,
  tries,
  language: 'python',
  source,
  limits: { diskBytes: 4 * mebibyte, wallMs: 10_000, cpuMs: 8000 },
  needs: ['diskBytes'],
  stopped: { reason: 'disk', verdict: 'runtime_error' },
  control: onProcess,
  ...more,
})
// More than the limit and no more than a host can spare: the control really writes it.
const write = (path: string) => `with open("${path}", "wb") as file:
    for _ in range(12): file.write(bytes(1 << 20))
`

const manyFiles = (count: number) => `import os
os.mkdir("many")
for number in range(${count}): os.close(os.open(f"many/{number}", os.O_CREAT | os.O_WRONLY))
`
const full = ['ENOSPC', 'EFBIG', 'EDQUOT']

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
for line in open("/proc/self/mountinfo"):
    point, options = line.split()[4], line.split(" - ")[0].split()[5].split(",")
    if point.startswith(("/work", "/tmp", "/dev", "/proc", "/sys")) : continue
    if "rw" in options: say("writable", point)
    if "nosuid" not in options: say("setuid", point)
quietly(lambda: os.listdir("@DIR@")) and say("listed", "the-hosts")`),
    decoys: ['file'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  ...Object.entries(carryOvers).map(
    ([id, { tries, leave, find, control = onProcess }]): Attack => ({
      id,
      tries,
      language: 'python',
      source: python(find),
      neighbour: left(leave),
      stopped: { says: { tried: ['yes'] } },
      control,
    }),
  ),
  {
    id: 'left-in-home',
    tries: 'Reads what an earlier run left in the home directory and the caches of its runtime.',
    language: 'javascript',
    source: `const { readdirSync, readFileSync } = require('fs')
for (const folder of [process.env.HOME, '/work', '.', '/root', '/home', require('os').tmpdir()]) {
  try { for (const name of readdirSync(folder)) if (name.includes('@NONCE@')) console.log(readFileSync(folder + '/' + name, 'utf8')) } catch {}
}
console.log('\\n@NONCE@ tried yes')
`,
    limits: { memoryBytes: 256 * mebibyte },
    neighbour: left(
      'import os\nfor folder in (os.environ["HOME"], ".", "/tmp"):\n    path = f"{folder}/home-@NONCE@"\n    open(path, "w").write("@SECRET@")\n    os.chmod(path, 0o666)',
    ),
    stopped: { says: { tried: ['yes'] } },
    control: onProcess,
  },
  ...Object.entries(paths).map(
    ([id, [tries, path]]): Attack => ({
      id,
      tries,
      language: 'python',
      source: 'print("ran")\n',
      files: { [path]: 'print("replaced")\n' },
      stopped: { refusedJob: true },
      control: { on: 'engine', with: { files: { 'beside.py': 'print("replaced")\n' } } },
    }),
  ),
  {
    id: 'reserved-environment',
    tries: 'Has the runtime load a file of its own by a variable, before anything of the runner.',
    language: 'python',
    source: 'print("ran")\n',
    files: { 'sitecustomize.py': 'print("loaded")\n' },
    env: { PYTHONSTARTUP: 'sitecustomize.py', LD_PRELOAD: './x.so' },
    stopped: { refusedJob: true },
    control: { on: 'engine', with: { env: { ORDINARY: 'yes' } } },
  },
  disk('fill-work-directory', 'Writes more into its work directory than it was given.', write('big')),
  disk('fill-temporary-directory', 'Writes more into /tmp than it was given.', write('/tmp/big-@NONCE@')),
  disk(
    'fill-shared-memory',
    'Writes more into /dev/shm than it was given.',
    `try:
    ${write('/dev/shm/big-@NONCE@').replaceAll('\n', '\n    ').trim()}
except OSError as error:
    import errno
    print("\\n@NONCE@ refused", errno.errorcode[error.errno])
else:
    print("\\n@NONCE@ refused nothing")
print("\\n@NONCE@ tried yes")
`,
    { stopped: { says: { refused: ['ENOSPC', 'EFBIG', 'ENOMEM', 'EACCES', 'EROFS'], tried: ['yes'] } } },
  ),
  disk('fill-by-many-files', 'Makes more files than its part of the disk has room for.', manyFiles(20_000), {
    control: { on: 'process', with: { source: manyFiles(5000) } }, // more than the 4096 that are allowed at this size
  }),
  disk(
    'fill-by-directories',
    'Nests directories deeper than any path.',
    'import os\nfor number in range(20_000):\n    os.mkdir("d")\n    os.chdir("d")\n',
    { control: { without: 'a tree so deep is not left on a disk of the host' } },
  ),
  disk(
    'fill-by-reservation',
    'Reserves room without writing.',
    python('attempt("reserve", lambda: os.posix_fallocate(os.open("reserved", os.O_CREAT | os.O_RDWR), 0, 12 << 20))'),
    { stopped: { says: { reserve: full, tried: ['yes'] } } },
  ),
  disk(
    'fill-by-deleted-files',
    'Fills the disk by files that have no name any more.',
    python(`
kept = []
def fill():
    for number in range(12):
        kept.append(os.open("gone", os.O_CREAT | os.O_RDWR))
        os.unlink("gone")
        if os.write(kept[-1], bytes(1 << 20)) < 1 << 20: raise OSError(errno.ENOSPC, "no more")
attempt("fill", fill)`),
    { stopped: { says: { fill: full, tried: ['yes'] } } },
  ),
  {
    id: 'sparse-file',
    tries: 'Makes a file that claims to be far larger than the disk, and has it read or copied by others.',
    language: 'python',
    source: python(`attempt("truncate", lambda: os.truncate(os.open("sparse", os.O_CREAT | os.O_RDWR), 1 << 40))`),
    limits: { diskBytes: 4 * mebibyte },
    needs: ['diskBytes'],
    stopped: { says: { truncate: ['EFBIG', 'ENOSPC', ...denied], tried: ['yes'] } },
    control: onProcess,
  },
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
