/** The config.json of a bundle, as the OCI runtime specification has it, as far as we say anything. */
import type { SeccompProfile } from '../seccomp/profile.ts'
import { baseDirectory } from '../supervision/base-files.ts'
import { atKeeper, scratchDirectory, workDirectory } from './places.ts'
import type { Rootfs } from './rootfs.ts'

export type Mount = {
  readonly destination: string
  readonly type: 'bind' | 'proc' | 'tmpfs'
  readonly source: string
  readonly options: readonly string[]
}
type Mapping = { readonly containerID: number; readonly hostID: number; readonly size: number }

export type ContainerConfig = {
  readonly ociVersion: string
  readonly hostname: string
  readonly root: { readonly path: string; readonly readonly: true }
  readonly process: {
    readonly terminal: false
    readonly user: { readonly uid: number; readonly gid: number }
    readonly args: readonly string[]
    readonly env: readonly string[]
    readonly cwd: string
    readonly noNewPrivileges: true
    readonly capabilities: Readonly<Record<'bounding' | 'effective' | 'permitted', readonly string[]>>
  }
  readonly mounts: readonly Mount[]
  readonly linux: {
    readonly namespaces: readonly { readonly type: string; readonly path?: string }[]
    readonly uidMappings?: readonly Mapping[]
    readonly gidMappings?: readonly Mapping[]
    readonly seccomp: SeccompProfile
    readonly maskedPaths?: readonly string[]
  }
}

/** What differs from run to run. */
export type RunParts = {
  readonly rootfs: Rootfs
  readonly sealed: boolean
  readonly diskBytes: number // of /tmp
  readonly seccomp: SeccompProfile
}
/** What differs from one runtime to another. */
export type Process = { readonly user: number; readonly args: readonly string[]; readonly capabilities: readonly string[] }

const sharedMemoryBytesMax = 64 * 1024 * 1024
const own = ['nosuid', 'nodev']

export const readOnly = (source: string, destination: string): Mount => ({
  destination,
  type: 'bind',
  source,
  options: ['rbind', 'ro', ...own],
})
export const writable = (destination: string, bytes: number, ...more: string[]): Mount => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: [...own, 'mode=1777', `size=${bytes}`, ...more],
})
/** /dev/shm is memory that the limit of memory counts as well. */
export const sharedMemoryBytes = (diskBytes: number): number => Math.min(diskBytes, sharedMemoryBytesMax)

export function commonMounts({ rootfs, sealed }: RunParts): Mount[] {
  return [
    ...rootfs.binds.map(({ host, inside }) => readOnly(host, inside)),
    readOnly(atKeeper.base, baseDirectory),
    { destination: workDirectory, type: 'bind', source: atKeeper.work, options: ['bind', sealed ? 'ro' : 'rw', ...own] },
  ]
}

export function containerConfig(
  parts: RunParts,
  process: Process,
  mounts: readonly Mount[],
  linux: Omit<ContainerConfig['linux'], 'seccomp'>,
): ContainerConfig {
  const capabilities = { bounding: process.capabilities, effective: process.capabilities, permitted: process.capabilities }
  return {
    ociVersion: '1.0.2',
    hostname: 'crucible',
    root: { path: parts.rootfs.directory, readonly: true },
    process: {
      terminal: false,
      user: { uid: process.user, gid: process.user },
      args: process.args,
      env: [],
      cwd: workDirectory,
      noNewPrivileges: true,
      capabilities,
    },
    mounts,
    linux: { ...linux, seccomp: parts.seccomp },
  }
}

export { scratchDirectory, workDirectory }
