/**
 * The options of bubblewrap for one run, as the NUL-separated text that `--args` reads: a file and not the command line,
 * because pid 1's command line can be read from inside.
 */
import { dirname } from 'node:path'
import { baseDirectory, insideUid } from '../../supervision/base-files.ts'
import type { Shown } from '../../supervision/show.ts'

export { guardInside, perlInside } from '../../supervision/base-files.ts'
export const workDirectory = '/work'
export const scratchDirectory = '/tmp'
const slotDirectory = '/.slot' // of a fork server, which hides it from each run

/** Where the attendant keeps things, in its own mount namespace. */
export const atAttendant = { base: '/run/base', devices: '/run/devices', slots: '/run/slots', shown: '/run/shown' } as const

const words = (text: string) => text.trim().split(/\s+/)

// With --as-pid-1, which the attendant says: the guard is pid 1 itself, so no process inside can signal it, and its end is
// the end of all of them.
const fixed = [
  ...words('--unshare-user --unshare-ipc --unshare-pid --unshare-net --unshare-uts --unshare-cgroup'),
  ...words(`--uid ${insideUid} --gid ${insideUid} --hostname crucible --cap-drop ALL`),
  ...words('--new-session --die-with-parent'),
  ...words(`--ro-bind ${atAttendant.base} ${baseDirectory}`),
]

const sharedMemoryBytesMax = 64 * 1024 * 1024
export const sharedMemoryBytes = (diskBytes: number) => Math.min(diskBytes, sharedMemoryBytesMax)

export function bubblewrapArguments(run: {
  work: string
  sealed: boolean
  shown: Shown
  diskBytes: number // of each file system that is made for the run
  seccompDescriptor: number
  /**
   * For a fork server: it may make further namespaces, which its runs may not, and has the directory above `work`, where what
   * is mounted later shows up.
   */
  isForkServer?: boolean
  env?: Readonly<Record<string, string>>
}): Buffer {
  const { shown, diskBytes, env = {} } = run
  const options = [
    ...fixed,
    ...(run.isForkServer ? [] : ['--disable-userns']),
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...[...shown.links].flatMap(([path, target]) => ['--symlink', target, path]),
    ...shown.binds.flatMap(({ host, inside }) => ['--ro-bind', host, inside]),
    ...words(`--proc /proc --dev-bind ${atAttendant.devices} /dev`),
    ...words(`--size ${sharedMemoryBytes(diskBytes)} --tmpfs /dev/shm`),
    ...words(`--size ${diskBytes} --tmpfs ${scratchDirectory}`),
    ...words(
      run.isForkServer
        ? `--bind ${dirname(run.work)} ${slotDirectory} --dir ${workDirectory}`
        : `${run.sealed ? '--ro-bind' : '--bind'} ${run.work} ${workDirectory}`,
    ),
    // Last, because nothing can be made below a read-only root.
    ...words(`--remount-ro / --chdir ${workDirectory} --seccomp ${run.seccompDescriptor}`),
  ]
  return Buffer.from(`${options.join('\0')}\0`)
}
