/** More of the disk than was given, in bytes and in files. */
import type { Attack } from '../../attack.ts'
import { denied, python } from '../../programs.ts'

const mebibyte = 2 ** 20

const disk = (id: string, tries: string, source: string, more: Partial<Attack> = {}): Attack => ({
  id,
  tries,
  language: 'python',
  source,
  limits: { diskBytes: 4 * mebibyte, wallMs: 10_000, cpuMs: 8000 },
  needs: ['diskBytes'],
  stopped: { reason: 'disk', verdict: 'runtime_error' },
  control: { on: 'process' },
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

export const room: readonly Attack[] = [
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
    control: { on: 'process' },
  },
]
