/** What an earlier run, of somebody else, has left where a later one might find it. */
import type { Attack, Control, Neighbour } from '../../attack.ts'
import { python } from '../../programs.ts'

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
`,
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
    os.write(1, room.raw)`,
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

export const carryOver: readonly Attack[] = [
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
for (const folder of [require('os').homedir(), '/work', '.', '/root', '/home', require('os').tmpdir()]) {
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
]
