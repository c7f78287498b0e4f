/** One job's world: a keeper with the work directory, and a container for each program, one after the other. */
import type { Sandbox } from '../../engine.ts'
import { type SandboxWork, sandboxLife } from '../../supervision/sandbox-life.ts'
import type { Calls } from './calls.ts'
import { containerConfig } from './container.ts'
import type { GroupsSeen } from './group-report.ts'
import type { JobSite } from './job.ts'
import { type Keeper, startKeeper } from './keeper.ts'
import type { Names } from './names.ts'
import { processBounds } from './process-bounds.ts'
import { runProgram } from './run.ts'
import type { Runtime } from './settings.ts'

export type Site = Omit<JobSite, 'diskBytes' | 'bounds'> & {
  readonly calls: Calls
  readonly image: string
  readonly runtime: Runtime
  readonly seccomp: string
  readonly cpus: number
  /** Hears with each run what the guard could read of its control group. */
  readonly onGroups: (seen: GroupsSeen) => void
  /** What the runtime itself needs of a container's memory, on top of what the program may have. */
  readonly overheadBytes: number
}
export type Slot = { readonly user: number; readonly names: Names }

const keeperMemoryBytes = 32 * 2 ** 20 // of Perl and one part of a file; what it writes is counted to it besides
const keeperScratchBytes = 4096

export async function openSandbox(site: Site, slot: Slot, diskBytes: number, onDestroyed: () => void): Promise<Sandbox> {
  const { calls, overheadBytes } = site
  const common = {
    image: site.image,
    runtime: site.runtime,
    seccomp: site.seccomp,
    user: slot.user,
    cpus: site.cpus,
    environmentShown: site.guardReachable,
  }
  const keeper: Keeper = await startKeeper(
    calls,
    slot.names.keeper,
    containerConfig({
      ...common,
      memoryBytes: diskBytes + keeperMemoryBytes + overheadBytes,
      processes: processBounds(site.runtime, 0).group,
      scratchBytes: keeperScratchBytes,
      work: { kind: 'own', diskBytes },
    }),
  )

  let turn = 0
  let faulty = false
  const clearing = [Promise.resolve(), Promise.resolve()] // of the two names that runs take in turn

  const runOne: SandboxWork['run'] = async (spec, listener, signal, sealed) => {
    const mine = turn++ % 2 === 0 ? 0 : 1
    await clearing[mine]
    const { limits } = spec
    const bounds = processBounds(site.runtime, limits.processes)
    const config = containerConfig({
      ...common,
      memoryBytes: limits.memoryBytes + overheadBytes,
      processes: bounds.group,
      scratchBytes: diskBytes,
      work: { kind: 'borrowed', from: keeper.name, readOnly: sealed },
    })
    const runSite = { ...site, name: slot.names.runs[mine], config, diskBytes, bounds }
    try {
      const { outcome, gone, groups } = await runProgram(runSite, spec, listener, signal)
      clearing[mine] = gone
      site.onGroups(groups)
      return outcome
    } catch (cause) {
      faulty = true
      throw cause
    }
  }

  return sandboxLife({
    put: (files) => keeper.put(files),
    run: runOne,
    async destroy() {
      await Promise.all(clearing)
      await keeper.gone()
      // After a fault it is not known what the daemon has still done. Should it not answer, the next to use the name will.
      if (faulty) await Promise.allSettled([...slot.names.runs, slot.names.keeper].map((name) => calls.remove(name)))
      onDestroyed()
    },
  })
}
