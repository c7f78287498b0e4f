/**
 * The options of bubblewrap for one run, as the NUL-separated text that `--args` reads: a file and not the command line,
 * because pid 1's command line can be read from inside.
 */
import type { Limits } from '../../spec.ts'
import { baseDirectory, insideUid } from '../../supervision/base-files.ts'
import type { Shown } from '../../supervision/show.ts'

export { guardInside, perlInside } from '../../supervision/base-files.ts'
export const workDirectory = '/work'
export const scratchDirectory = '/tmp'

/** Where the attendant keeps things, in its own mount namespace. */
export const atAttendant = { base: '/run/base', devices: '/run/devices', slots: '/run/slots', shown: '/run/shown' } as const

const words = (text: string) => text.trim().split(/\s+/)

// --as-pid-1: the guard is pid 1 itself, so no process inside can signal it, and its end is the end of all of them.
const fixed = [
  ...words('--unshare-user --unshare-ipc --unshare-pid --unshare-net --unshare-uts --unshare-cgroup --disable-userns'),
  ...words(`--uid ${insideUid} --gid ${insideUid} --hostname crucible --cap-drop ALL`),
  ...words('--new-session --die-with-parent --as-pid-1'),
  ...words(`--ro-bind ${atAttendant.base} ${baseDirectory}`),
]

const sharedMemoryBytesMax = 64 * 1024 * 1024

export function bubblewrapArguments(run: {
  work: string
  sealed: boolean
  shown: Shown
  limits: Pick<Limits, 'diskBytes'>
  seccompDescriptor: number
}): Buffer {
  const { shown, limits } = run
  const options = [
    ...fixed,
    ...[...shown.links].flatMap(([path, target]) => ['--symlink', target, path]),
    ...shown.binds.flatMap(({ host, inside }) => ['--ro-bind', host, inside]),
    ...words(`--proc /proc --dev-bind ${atAttendant.devices} /dev`),
    ...words(`--size ${Math.min(limits.diskBytes, sharedMemoryBytesMax)} --tmpfs /dev/shm`),
    ...words(`--size ${limits.diskBytes} --tmpfs ${scratchDirectory}`),
    ...words(`${run.sealed ? '--ro-bind' : '--bind'} ${run.work} ${workDirectory}`),
    // Last, because nothing can be made below a read-only root.
    ...words(`--remount-ro / --chdir ${workDirectory} --seccomp ${run.seccompDescriptor}`),
  ]
  return Buffer.from(`${options.join('\0')}\0`)
}
