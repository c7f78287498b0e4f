/** What a container of ours is made of: everything that Docker can take away is taken away. Pure, so that it can be read. */
import type { Limits } from '../../spec.ts'

export type ContainerConfig = ReturnType<typeof containerConfig>

export type ContainerNeeds = {
  readonly image: string // by its id: what a tag means may change between two runs
  readonly runtime: string
  readonly seccomp: string // a profile as JSON
  readonly user: number
  readonly cpus: number
  /** Programs can read the environment of the first process, in which daemon and image have set something. */
  readonly environmentShown: boolean
  readonly memoryBytes: number
  readonly processes: number
  readonly scratchBytes: number // each of /tmp and /dev/shm
  readonly work: Work
}

/** The first container of a sandbox has the work directory's volume; the others borrow it from that one. */
export type Work =
  | { readonly kind: 'own'; readonly diskBytes: number }
  | { readonly kind: 'borrowed'; readonly from: string; readonly readOnly: boolean }

export const workDirectory = '/work'
const perl = '/usr/bin/perl'
const sharedMemoryBytesMax = 64 * 1024 * 1024
const inodesMin = 4096
const inodesMax = 262_144 // each costs the kernel about a kilobyte that no size limit of a tmpfs counts

/**
 * Reads the real program from standard input, and hides itself: what is on the command line can be read from inside.
 * The script is no part of the image and no mount, so that it works with any daemon, anywhere.
 */
const bootstrap =
  '$0="crucible";sub get{my($n,$b)=($_[0],"");while(length$b<$n){sysread(STDIN,$b,$n-length$b,length$b)or exit 9}$b}my$s=get(unpack"N",get(4));eval$s;die$@'

export function containerConfig(needs: ContainerNeeds) {
  const owner = `uid=${needs.user},gid=${needs.user}`
  return {
    Image: needs.image,
    User: `${needs.user}:${needs.user}`,
    Hostname: 'crucible',
    WorkingDir: workDirectory,
    Entrypoint: [perl],
    Cmd: needs.environmentShown ? ['-e', '%ENV=();exec@ARGV', perl, '-e', bootstrap] : ['-e', bootstrap],
    Env: [],
    Labels: { 'crucible.sandbox': '' }, // for the eyes of whoever lists containers
    Healthcheck: { Test: ['NONE'] }, // an image may bring one, which would run in here
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true, // when we are gone, its standard input ends, and so does it
    Tty: false,
    StopTimeout: 1, // seconds, for a daemon that shuts down: the first process ends at once
    NetworkDisabled: true,
    HostConfig: {
      AutoRemove: true, // the daemon tidies up even when nobody is left to ask it to
      Runtime: needs.runtime,
      NetworkMode: 'none',
      IpcMode: 'private',
      CgroupnsMode: 'private',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges', `seccomp=${needs.seccomp}`],
      LogConfig: { Type: 'none', Config: {} }, // else all that a program prints is kept on the host's disk as well
      Memory: needs.memoryBytes,
      MemorySwap: needs.memoryBytes, // of both together: no swap
      PidsLimit: needs.processes,
      NanoCpus: Math.round(needs.cpus * 1e9),
      ShmSize: Math.min(needs.scratchBytes, sharedMemoryBytesMax),
      // The user's own, because runc gives it the mode of the image's /tmp, whatever is asked for here.
      Tmpfs: {
        '/tmp': `rw,exec,nosuid,nodev,size=${needs.scratchBytes},nr_inodes=${inodes(needs.scratchBytes)},mode=1777,${owner}`,
      },
      MaskedPaths: masked,
      ReadonlyPaths: readOnly,
      ...workOf(needs.work, needs.user),
    },
  }
}

/**
 * A tmpfs of the daemon's own making: bounded, gone with its last container, and wherever the daemon is. Open to all users that
 * there are in the sandbox, because a daemon that maps users would give it to another than this number means inside.
 */
function workOf(work: Work, user: number) {
  if (work.kind === 'borrowed') return { VolumesFrom: [`${work.from}:${work.readOnly ? 'ro' : 'rw'}`], Mounts: [] }
  const options = `size=${work.diskBytes},nr_inodes=${inodes(work.diskBytes)},mode=0777,uid=${user},gid=${user},nosuid,nodev`
  const driver = { Name: 'local', Options: { type: 'tmpfs', device: 'tmpfs', o: options } }
  return {
    VolumesFrom: [],
    Mounts: [{ Type: 'volume', Target: workDirectory, VolumeOptions: { NoCopy: true, DriverConfig: driver } }],
  }
}

const inodes = (bytes: Limits['diskBytes']) => Math.min(inodesMax, Math.max(inodesMin, Math.floor(bytes / 4096)))

/** Docker's own list, and besides it all of /sys but the container's own control group, and what outlives a run. */
const masked = [
  ...[
    'acpi',
    'asound',
    'cmdline',
    'interrupts',
    'kcore',
    'keys',
    'latency_stats',
    'sched_debug',
    'scsi',
    'timer_list',
    'timer_stats',
  ].map((name) => `/proc/${name}`),
  ...['block', 'bus', 'class', 'dev', 'devices', 'firmware', 'fs/bpf', 'hypervisor', 'kernel', 'module', 'power'].map(
    (name) => `/sys/${name}`,
  ),
  '/dev/mqueue',
  '/dev/pts', // a terminal is a large door into the kernel, and nobody here has one
  ...['boot', 'home', 'media', 'mnt', 'srv', 'var/log'].map((name) => `/${name}`), // an image's, of no use to a program
]
const readOnly = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((name) => `/proc/${name}`)
