/** One job's world: a keeper with the work directory, and a container for each program, one after the other. */
import { EngineFault, type RunListener, type RunOutcome, type RunSpec, type Sandbox } from '../../engine.ts'
import type { Calls } from './calls.ts'
import { containerConfig } from './container.ts'
import type { GroupsSeen } from './group-report.ts'
import type { JobSite } from './job.ts'
import { type Keeper, startKeeper } from './keeper.ts'
import type { Names } from './names.ts'
import { runProgram } from './run.ts'

export type Site = Omit<JobSite, 'diskBytes' | 'userProcessesMax' | 'groupRefuses'> & {
  readonly calls: Calls
  readonly image: string
  readonly runtime: string
  readonly seccomp: string
  readonly cpus: number
  /** Hears with each run what the guard could read of its control group. */
  readonly onGroups: (seen: GroupsSeen) => void
  /** What the runtime itself needs of a container's memory and processes, on top of what the program may have. */
  readonly overhead: { readonly memoryBytes: number; readonly processes: number }
}
export type Slot = { readonly user: number; readonly names: Names }

const keeperMemoryBytes = 32 * 2 ** 20 // of Perl and one part of a file; what it writes is counted to it besides
const keeperProcesses = 1
const keeperScratchBytes = 4096
const guardProcesses = 1
/** The runtime's own first process has some threads before it becomes the guard. Below that a resource limit counts alone. */
const processesMin = 16
/** Where the control group counts as well it must be the first to refuse, for it remembers. */
const behindGroup = 16

export async function openSandbox(site: Site, slot: Slot, diskBytes: number, onDestroyed: () => void): Promise<Sandbox> {
  const { calls, overhead } = site
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
      memoryBytes: diskBytes + keeperMemoryBytes + overhead.memoryBytes,
      processes: Math.max(processesMin, keeperProcesses + overhead.processes),
      scratchBytes: keeperScratchBytes,
      work: { kind: 'own', diskBytes },
    }),
  )

  let sealed = false
  let turn = 0
  let destroying: Promise<void> | null = null
  let running: Promise<unknown> | null = null
  const clearing = [Promise.resolve(), Promise.resolve()] // of the two names that runs take in turn
  const stop = new AbortController()

  const idle = () => {
    if (destroying) throw new EngineFault('The sandbox is destroyed.')
    if (running) throw new EngineFault('A program is still running in the sandbox.')
  }

  const runOne = async (spec: RunSpec, listener: RunListener, signal: AbortSignal): Promise<RunOutcome> => {
    const mine = turn++ % 2
    await clearing[mine]
    const { limits } = spec
    const config = containerConfig({
      ...common,
      memoryBytes: limits.memoryBytes + overhead.memoryBytes,
      processes: Math.max(processesMin, limits.processes + guardProcesses + overhead.processes),
      scratchBytes: diskBytes,
      work: { kind: 'borrowed', from: keeper.name, readOnly: sealed },
    })
    const exact = limits.processes + guardProcesses + keeperProcesses
    const groupRefuses = site.runtime !== 'runsc' && limits.processes + guardProcesses >= processesMin
    const runSite = {
      ...site,
      name: slot.names.runs[mine] ?? slot.names.keeper,
      config,
      diskBytes,
      groupRefuses,
      userProcessesMax: groupRefuses ? exact + behindGroup : exact,
    }
    const { outcome, gone, groups } = await runProgram(runSite, spec, listener, AbortSignal.any([signal, stop.signal]))
    clearing[mine] = gone
    site.onGroups(groups)
    return outcome
  }

  return {
    async put(files) {
      idle()
      await keeper.put(files)
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
        await Promise.all(clearing)
        await keeper.gone()
        onDestroyed()
      })()
      return destroying
    },
  }
}
