import type { Attack } from '../../attack.ts'
import { neverReached, reachedOnProcess, takes } from './takes.ts'

const mebibyte = 2 ** 20
const limits = { memoryBytes: 32 * mebibyte, diskBytes: 128 * mebibyte }

/** All take 96 MiB and may have 32. A refusal is as good as an end. */
const takesMemory = (id: string, tries: string, body: string, more: Partial<Attack> = {}): Attack => ({
  id,
  tries,
  language: 'python',
  source: takes(body),
  limits,
  needs: ['memoryBytes'],
  stopped: { ...neverReached, reason: ['memory', 'signalled'], atMost: { memoryPeakBytes: 33 * mebibyte } },
  control: reachedOnProcess,
  ...more,
})

export const memory: readonly Attack[] = [
  takesMemory('heap', 'Allocates and fills 96 MiB.', 'kept = [b"x" * MiB * 8 + bytes([n]) for n in range(12)]'),
  takesMemory(
    'memory-of-children',
    'Fills 96 MiB in six children, none of them more than it may have alone.',
    `ends = []
for _ in range(6):
    child = os.fork()
    if child == 0:
        kept = b"x" * MiB * 16
        time.sleep(1)
        os._exit(0)
    ends.append(child)
if any(os.waitpid(child, 0)[1] for child in ends): raise OSError("one was ended")`,
  ),
  takesMemory(
    'shared-mapping',
    'Fills 96 MiB of anonymous shared memory.',
    'kept = mmap.mmap(-1, 96 * MiB)\nfor at in range(0, 96 * MiB, 4096): kept[at] = 1',
  ),
  takesMemory(
    'memfd',
    'Fills 96 MiB of a file that has no name and lies in no file system.',
    'kept = os.memfd_create("x")\nfor _ in range(96): os.write(kept, bytes(MiB))',
  ),
  takesMemory(
    'unlinked-files',
    'Fills 96 MiB of files in /tmp that it has removed already.',
    'kept = []\nfor n in range(12):\n    name = os.environ.get("TMPDIR", "/tmp") + f"/{n}"\n    kept.append(open(name, "wb", buffering=0))\n    os.unlink(name)\n    for _ in range(8): kept[-1].write(bytes(MiB))',
  ),
  takesMemory(
    'dev-shm',
    'Fills 56 MiB of /dev/shm.',
    'kept = open("/dev/shm/@NONCE@", "wb", buffering=0)\nfor _ in range(56): kept.write(bytes(MiB))\nos.unlink("/dev/shm/@NONCE@")',
  ),
  takesMemory(
    'pipes',
    'Fills 48 MiB of pipes, which belong to no process.',
    `kept = []
held = 0
while held < 48 * MiB:
    reader, writer = os.pipe()
    kept += [reader, writer]
    fcntl.fcntl(writer, 1031, MiB)
    os.set_blocking(writer, False)
    try:
        while True: held += os.write(writer, bytes(65536))
    except BlockingIOError: pass`,
  ),
  takesMemory('unix-sockets', 'Fills 96 MiB of the buffers of unix sockets.', fillSockets('ours, theirs = socket.socketpair()')),
  takesMemory(
    'tcp-buffers',
    'Fills 96 MiB of the buffers of TCP connections to itself, which the kernel bounds for the whole machine only.',
    `listening = socket.create_server(("127.0.0.1", 0))\n${fillSockets('ours = socket.create_connection(listening.getsockname()); theirs = listening.accept()[0]')}`,
  ),
  takesMemory(
    'udp-buffers',
    'Fills 96 MiB of the buffers of UDP sockets that nobody reads.',
    `ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
kept = []
for _ in range(400):
    theirs = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    theirs.bind(("127.0.0.1", 0))
    kept.append(theirs)
    for _ in range(20): ours.sendto(bytes(20000), theirs.getsockname())
held = 0
for theirs in kept:
    theirs.setblocking(False)
    try:
        while True: held += len(theirs.recv(65536))
    except BlockingIOError: pass
if held < 48 * MiB: raise OSError("most of it was dropped")`,
  ),
  takesMemory(
    'system-v-shared-memory',
    'Fills 96 MiB of shared memory that no process has mapped.',
    `libc.shmat.restype = ctypes.c_void_p
kept = []
try:
    for _ in range(96):
        kept.append(checked(libc.shmget(0, MiB, 0o1600)))
        address = libc.shmat(kept[-1], None, 0)
        ctypes.memset(ctypes.c_void_p(address), 1, MiB)
        libc.shmdt(ctypes.c_void_p(address))
finally:
    for each in kept: libc.shmctl(each, 0, None)`,
  ),
  takesMemory(
    'system-v-messages',
    'Leaves 96 MiB in message queues.',
    `message = ctypes.create_string_buffer(8200)
message[0] = 1
kept = []
held = 0
try:
    while held < 96 * MiB:
        kept.append(checked(libc.msgget(0, 0o1600)))
        while libc.msgsnd(kept[-1], message, 8192, 0o4000) == 0: held += 8192
finally:
    for each in kept: libc.msgctl(each, 0, None)`,
  ),
  takesMemory(
    'system-v-semaphores',
    'Makes 56 sets of 32,000 semaphores.',
    'kept = []\ntry:\n    for _ in range(56): kept.append(checked(libc.semget(0, 32000, 0o1600)))\nfinally:\n    for each in kept: libc.semctl(each, 0, 0)',
  ),
  takesMemory(
    'page-tables',
    'Has the kernel keep 96 MiB of page tables for memory that it never writes.',
    `libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
size = 24576 * 2 * MiB
start = libc.mmap(None, size, 3, 0x4022, -1, 0)
libc.madvise(start, size, 15)
for at in range(0, size, 2 * MiB): ctypes.c_char.from_address(start + at).value`,
  ),
  takesMemory(
    'extended-attributes',
    'Keeps 96 MiB in attributes of files in /tmp, which count as no bytes of a file.',
    'for n in range(24):\n    name = f"/tmp/@NONCE@-{n}"\n    open(name, "w").close()\n    for key in range(64): os.setxattr(name, f"user.{key}", bytes(65000))',
    { control: { without: 'how much the file system of a host keeps in attributes differs from host to host' } },
  ),
  takesMemory(
    'empty-files',
    'Makes a million empty files in /tmp.',
    'os.mkdir("/tmp/d")\nfor n in range(1_000_000): os.mknod(f"/tmp/d/{n}")',
    { control: { without: 'a host would be left with a million files to remove' } },
  ),
  takesMemory(
    'socket-filters',
    'Gives each of 900 sockets a filter of 4,000 instructions.',
    `instructions = ctypes.create_string_buffer(b"\\x06\\0\\0\\0\\xff\\xff\\0\\0" * 4000, 32000)
program = (4000).to_bytes(8, "little") + ctypes.addressof(instructions).to_bytes(8, "little")
kept = []
for _ in range(900):
    kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    kept[-1].setsockopt(socket.SOL_SOCKET, 26, program)`,
  ),
  {
    id: 'static-array',
    tries: 'Is a C program with a static array of 96 MiB, which it fills.',
    language: 'c',
    source: `#include <stdio.h>
#include <string.h>
static char array[96 << 20];
int main(void) { memset(array, 1, sizeof array); return puts(array[5] ? "@NONCE@ reached yes" : "no") < 0; }
`,
    limits,
    needs: ['memoryBytes'],
    stopped: { ...neverReached, reason: 'memory', atMost: { memoryPeakBytes: 256 * mebibyte } }, // the compiler's, too
    control: reachedOnProcess,
  },
  {
    id: 'buffers-of-node',
    tries: 'Allocates 512 MiB outside of the heap that a runtime bounds by itself.',
    language: 'javascript',
    source:
      'const kept = []\nfor (let n = 0; n < 64; n++) kept.push(Buffer.alloc(8 << 20, 1))\nconsole.log("@NONCE@ reached yes")\n',
    limits: { memoryBytes: 128 * mebibyte },
    needs: ['memoryBytes'],
    stopped: { ...neverReached, reason: 'memory' },
    control: reachedOnProcess,
  },
]

function fillSockets(connect: string): string {
  return `kept = []
held = 0
while held < 96 * MiB:
    if len(kept) > 800: raise OSError("they hold no more")
    ${connect}
    kept += [ours, theirs]
    for each in (ours, theirs):
        each.setblocking(False)
        try:
            while True: held += each.send(bytes(32768))
        except BlockingIOError: pass`
}
