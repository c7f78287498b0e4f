import type { Mechanism } from '../../../spec.ts'

/** A way to have the kernel count and bound a process tree. Made ahead of the run that uses it, and used once. */
export type CgroupDriver = {
  readonly mechanisms: { readonly memory: Mechanism; readonly cpu: Mechanism; readonly processes: Mechanism }
  /** null where there are no cgroups. */
  create(name: string): Promise<Cgroup | null>
}

export type Cgroup = {
  /** The files into which a process writes `0` to join. */
  readonly joins: readonly string[]
  limit(bounds: { memoryBytes: number; processes: number }): void
  read(): CgroupReading
  readMemoryPeakBytes(): number | null
  /** Host pids of what still runs in it. */
  members(): number[]
  remove(): Promise<void>
}

export type CgroupReading = {
  readonly cpuUserMs: number
  readonly cpuSystemMs: number
  readonly oomKills: number
  readonly processesRefused: boolean
  readonly processesPeak: number | null
}
