import type { Attack } from '../../attack.ts'
import { neverReached, reachedOnProcess, room, takes } from './takes.ts'

const mebibyte = 2 ** 20

/** All take 24 MiB or more and may have 8. Not every engine can say that it was the disk: being refused is enough. */
const takesDisk = (id: string, tries: string, body: string, more: Partial<Attack> = {}): Attack => ({
  id,
  tries,
  language: 'python',
  source: takes(body),
  limits: { diskBytes: 8 * mebibyte },
  needs: ['diskBytes'],
  stopped: { ...neverReached, reason: ['disk', 'signalled'] },
  control: reachedOnProcess,
  ...more,
})

export const storage: readonly Attack[] = [
  takesDisk(
    'big-file',
    'Writes 24 MiB into its work directory.',
    'kept = open("big", "wb", buffering=0)\nfor _ in range(24): checked(None if kept.write(bytes(MiB)) < MiB else 0)',
  ),
  takesDisk('many-files', 'Writes 24 files of a mebibyte each.', 'for n in range(24): open(f"{n}", "wb").write(bytes(MiB))'),
  takesDisk(
    'scratch',
    'Writes 24 MiB into /tmp.',
    'kept = open("/tmp/big-@NONCE@", "wb", buffering=0)\nfor _ in range(24): checked(None if kept.write(bytes(MiB)) < MiB else 0)',
  ),
  takesDisk(
    'sparse-file',
    'Makes a file of a tebibyte that takes no room.',
    'signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nos.truncate(os.open("sparse", os.O_CREAT | os.O_RDWR), 1 << 40)',
  ),
  takesDisk(
    'allocated-file',
    'Reserves 24 MiB without writing them.',
    'os.posix_fallocate(os.open("big", os.O_CREAT | os.O_RDWR), 0, 24 * MiB)',
  ),
  takesDisk(
    'inodes',
    'Makes 5,000 empty files.',
    'os.mkdir("d")\nfor n in range(int(sys.argv[1])): os.close(os.open(f"d/{n}", os.O_CREAT | os.O_WRONLY))',
    {
      args: ['5000'],
      limits: { diskBytes: mebibyte },
      control: { on: 'process', with: { args: ['500'], limits: room }, shows: 'reached: yes' }, // a host is slow to make files
    },
  ),
  takesDisk(
    'mapped-file',
    'Grows a file through a mapping, where no write can be refused.',
    `kept = os.open("big", os.O_CREAT | os.O_RDWR)
for n in range(24):
    os.truncate(kept, (n + 1) * MiB)
    view = mmap.mmap(kept, MiB, offset=n * MiB)
    for at in range(0, MiB, 4096): view[at] = 1`,
  ),
  takesDisk(
    'removed-file',
    'Fills files that it has removed already, so that no listing shows them.',
    'kept = []\nfor n in range(24):\n    kept.append(open(f"{n}", "wb", buffering=0))\n    os.unlink(f"{n}")\n    checked(None if kept[-1].write(bytes(MiB)) < MiB else 0)',
  ),
  {
    id: 'descriptors',
    tries: 'Opens 1,500 files at once, after raising its own limit.',
    language: 'python',
    source: takes(
      'most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\nresource.setrlimit(resource.RLIMIT_NOFILE, (most, most))\nkept = [os.open("/dev/null", os.O_RDONLY) for _ in range(1500)]',
    ),
    stopped: { ...neverReached, reason: 'signalled' },
    control: reachedOnProcess,
  },
  {
    id: 'descriptors-in-flight',
    tries: 'Parks 40,000 open files in sockets, where they count for no process.',
    language: 'python',
    source: takes(`kept = []
some = [os.open("/dev/null", os.O_RDONLY) for _ in range(100)]
for _ in range(400):
    ours, theirs = socket.socketpair()
    kept += [ours, theirs]
    socket.send_fds(ours, [b"x"], some)`),
    stopped: { ...neverReached, reason: 'signalled' },
    control: { without: 'the limit is the one on open files, which hosts set too high for a small amount to pass it' },
  },
  {
    id: 'deep-directories',
    tries: 'Nests directories deeper than any path may be long, so that nobody can remove them.',
    language: 'python',
    source: `import os
for place in (".", "/tmp"):
    os.chdir(place)
    for _ in range(500):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    while os.getcwd() != "/": os.chdir("/")
    os.chdir("/work")
print("@NONCE@ tried yes")
`,
    stopped: { says: { tried: ['yes'] }, verdict: 'accepted' },
    control: { without: 'they would stay on the host' },
  },
]
