/** One job's world: a keeper with a work directory of limited size, and containers in it one after the other. */
import type { CgroupDriver } from '../cgroups/driver.ts'
import { EngineFault, type Sandbox } from '../engine.ts'
import type { SeccompProfile } from '../seccomp/profile.ts'
import { putFiles } from '../supervision/put-files.ts'
import { sandboxLife } from '../supervision/sandbox-life.ts'
import type { Architecture } from '../supervision/syscalls.ts'
import { startKeeper } from './keeper.ts'
import { atKeeper } from './places.ts'
import { rememberRootfs } from './rootfs.ts'
import { runProgram } from './run.ts'
import type { ContainerRuntime } from './runtime.ts'

export type SlotDeps = {
  readonly architecture: Architecture
  readonly perl: string
  readonly base: string
  readonly cgroups: CgroupDriver
  readonly runtime: ContainerRuntime
  readonly seccomp: SeccompProfile
  readonly guardNumbers: string
}
/** Where the executor sees the work directory. */
export type OpenSandbox = Sandbox & { readonly workOutside: string }
export type Slot = { readonly name: string; readonly uids: number }

const inodesMin = 4096
const inodesMax = 262_144 // each costs the kernel about a kilobyte that no size limit of the tmpfs counts

export async function openSandbox(deps: SlotDeps, slot: Slot, diskBytes: number, onDestroyed: () => void): Promise<OpenSandbox> {
  const { runtime, cgroups } = deps
  const inodes = Math.min(inodesMax, Math.max(inodesMin, Math.floor(diskBytes / 4096)))
  const { uids } = slot
  const keeper = await startKeeper({ ...deps, uids, diskBytes, inodes, needs: runtime.needs })
  const rootfsFor = rememberRootfs(keeper, deps.architecture)

  const workOutside = keeper.root + atKeeper.work
  let runs = 0
  const life = sandboxLife({
    put: (files) => putFiles(workOutside, files, { uid: uids, gid: uids }),
    async run(spec, listener, signal, sealed) {
      const id = `${slot.name}-${++runs}`
      const cgroup = cgroups.name(id)
      if (!cgroup) throw new EngineFault('The cgroups of this machine have gone.') // the engine was made with some
      const site = { ...deps, keeper, cgroup, id, sealed, diskBytes, rootfs: await rootfsFor(spec.show) }
      return await runProgram(site, spec, listener, signal)
    },
    async destroy() {
      await keeper.close()
      onDestroyed()
    },
  })
  return { ...life, workOutside }
}
