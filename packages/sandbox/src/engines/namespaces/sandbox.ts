/** One job's world: a size-limited file system of its own, and programs run in it one after the other. */
import { EngineFault, type RunListener, type RunOutcome, type RunSpec, type Sandbox } from '../../engine.ts'
import { putFiles } from '../../supervision/put-files.ts'
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

  let sealed = false
  let destroying: Promise<void> | null = null
  let running: Promise<unknown> | null = null
  const stop = new AbortController()

  const idle = () => {
    if (destroying) throw new EngineFault('The sandbox is destroyed.')
    if (running) throw new EngineFault('A program is still running in the sandbox.')
  }

  const runOne = async (spec: RunSpec, listener: RunListener, signal: AbortSignal): Promise<RunOutcome> => {
    const shown = await deps.shownFor(spec.show)
    const forked = await slot.forks.take(spec)
    const station = forked ?? (await slot.takeStation())
    try {
      const site = { workOutside: slot.workOutside, diskBytes, sealed, shown }
      const outcome = runProgram(station, site, spec, listener, AbortSignal.any([signal, stop.signal]))
      if (!forked) slot.prepareNext()
      return await outcome
    } finally {
      slot.giveBack(station)
      if (!forked) slot.forks.consider(spec)
    }
  }

  return {
    async put(files) {
      idle()
      putFiles(slot.workOutside, files, owner.foreign ? owner : null)
    },
    async seal() {
      idle()
      sealed = true
    },
    run(spec, listener, signal) {
      try {
        idle()
      } catch (fault) {
        return Promise.reject(fault)
      }
      const outcome = runOne(spec, listener, signal)
      running = outcome
      const settled = () => {
        running = null
      }
      outcome.then(settled, settled)
      return outcome
    },
    destroy() {
      destroying ??= (async () => {
        stop.abort()
        await running?.catch(() => {})
        await slot.cleared()
        if (!attendant.death()) await attendant.request('umount', slot.workInside)
        onDestroyed()
      })()
      return destroying
    },
  }
}
