/** crun and runc: containers on the kernel of the host. */
import { execFileSync } from 'node:child_process'
import {
  commonMounts,
  containerConfig,
  type Mount,
  type RunParts,
  readOnly,
  scratchDirectory,
  sharedMemoryBytes,
  writable,
} from '../../bundle/config.ts'
import type { OpenedFile } from '../../bundle/keeper.ts'
import { atKeeper } from '../../bundle/places.ts'
import type { ContainerRuntime } from '../../bundle/runtime.ts'
import { guardInside, insideUid, perlInside } from '../../supervision/base-files.ts'

export type Found = { readonly name: 'crun' | 'runc'; readonly program: string }

const cannot: readonly string[] = [
  'Sandboxes share the kernel of the host: a bug in a system call that every program needs is a way out.',
  'Programs see the version, boot parameters, processor and total memory of the host, and where on it lies what they are shown.',
  'It does not hide the timing of caches and cores that programs share.',
]

const setUpThreadsMax = { crun: 0, runc: 8 } // runc is written in Go, and its last part before the program has threads
const cannotWithRunc: readonly string[] = [
  `With runc, the most processes at one time are not measured below ${setUpThreadsMax.runc + 1}.`,
]

/** What the guard expects under its descriptors 0 to 9; the runtime's own complaints go to the diagnosis as well. */
const station = (how: 'r' | 'w' | 'a', name: string): OpenedFile => `${how}:${atKeeper.station}/${name}`
const files: readonly OpenedFile[] = [
  station('r', 'stdin'),
  station('w', 'out'),
  station('a', 'diagnosis'),
  station('r', 'given'),
  station('w', 'report'),
  'r:/dev/null',
  'r:/dev/null',
  station('w', 'err'),
  station('r', 'job'),
  station('w', 'status'),
]

export function ociRuntime({ name, program }: Found): ContainerRuntime {
  const common = [program, '--root', atKeeper.state]
  // The cgroup is ours, made and joined before the start: crun is told to leave cgroups alone, runc notices that it may not.
  const runtime = name === 'crun' ? [...common, '--cgroup-manager', 'disabled'] : common
  return {
    engine: 'oci',
    isolation: 'kernel-shared',
    version: versionOf(program),
    cannot: name === 'crun' ? cannot : [...cannot, ...cannotWithRunc],
    needs: name === 'crun' ? ['hidden-cgroups'] : [],
    processes: 'cgroup',
    ownProcesses: 1, // the guard
    setUpThreadsMax: setUpThreadsMax[name],
    stepDown: null,
    setUpDeadlineMs: 10_000,
    config,
    create: (id) => ({
      files,
      command: [...runtime, 'create', '--bundle', atKeeper.bundle, '--preserve-fds', String(files.length - 3), id],
    }),
    start: (id) => [...runtime, 'start', id],
  }
}

// Host users of the cell: 1 sets the container up and has nothing to do with the program's.
const mapping = [
  { containerID: 0, hostID: 1, size: 1 },
  { containerID: insideUid, hostID: insideUid, size: 1 },
]
const namespaces = [
  ...['user', 'mount', 'pid', 'network', 'ipc', 'uts'].map((type) => ({ type })),
  { type: 'cgroup', path: atKeeper.cgroupNamespace },
]
// Of the host's kernel and readable by anybody who has a /proc.
const maskedPaths = ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/sched_debug', '/proc/acpi', '/proc/scsi']

function config(parts: RunParts) {
  const mounts: Mount[] = [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'nodev', 'noexec'] },
    { ...readOnly(atKeeper.devices, '/dev'), options: ['bind', 'ro', 'nosuid', 'noexec'] },
    writable('/dev/shm', sharedMemoryBytes(parts.diskBytes), 'noexec'),
    writable(scratchDirectory, parts.diskBytes),
    ...commonMounts(parts),
  ]
  const process = { user: insideUid, args: [perlInside, guardInside], capabilities: [] }
  return containerConfig(parts, process, mounts, { namespaces, uidMappings: mapping, gidMappings: mapping, maskedPaths })
}

function versionOf(program: string): string {
  const [line = ''] = execFileSync(program, ['--version'], { encoding: 'utf8', env: {}, timeout: 5000 }).split('\n')
  return line.trim()
}
