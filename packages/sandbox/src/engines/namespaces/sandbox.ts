/** One job's world: a size-limited file system of its own, and programs run in it one after the other. */
import type { Sandbox } from '../../engine.ts'
import { putFiles } from '../../supervision/put-files.ts'
import { sandboxLife } from '../../supervision/sandbox-life.ts'
import type { ForksDeps } from './fork/forks.ts'
import { runProgram } from './run.ts'
import type { Slot } from './slot.ts'

const inodesMin = 4096
const inodesMax = 262_144 // each costs the kernel about a kilobyte that no size limit of the tmpfs counts

export async function openSandbox(deps: ForksDeps, slot: Slot, diskBytes: number, onDestroyed: () => void): Promise<Sandbox> {
  const { attendant } = deps
  const { owner } = slot
  const inodes = Math.min(inodesMax, Math.max(inodesMin, Math.floor(diskBytes / 4096)))
  await attendant.request('mount', slot.workInside, owner.uid, owner.gid, diskBytes, inodes)

  return sandboxLife({
    put: (files) => putFiles(slot.workOutside, files, owner.foreign ? owner : null),
    async run(spec, listener, signal, sealed) {
      const shown = await deps.shownFor(spec.show)
      const forked = await slot.forks.take(spec)
      const station = forked ?? (await slot.takeStation())
      try {
        const site = { workOutside: slot.workOutside, diskBytes, sealed, shown }
        const outcome = runProgram(station, site, spec, listener, signal)
        if (!forked) slot.prepareNext()
        return await outcome
      } finally {
        slot.giveBack(station)
        if (!forked) slot.forks.consider(spec)
      }
    },
    async destroy() {
      await slot.cleared()
      if (!attendant.death()) await attendant.request('umount', slot.workInside)
      onDestroyed()
    },
  })
}
