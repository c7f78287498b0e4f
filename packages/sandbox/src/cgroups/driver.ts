import type { Mechanism } from '../spec.ts'

/** A way to have the kernel count and bound a process tree. Made ahead of the run that uses it, and used once. */
export type CgroupDriver = {
  readonly mechanisms: { readonly memory: Mechanism; readonly cpu: Mechanism; readonly processes: Mechanism }
  /** A group that does not exist yet; null where there are no cgroups. */
  name(name: string): Cgroup | null
}

export type Cgroup = {
  /** What the attendant makes, has bwrap join and removes: each waits for a lock of the whole kernel, so not in the event loop. */
  readonly directories: readonly string[]
  limit(bounds: { memoryBytes: number; processes: number }): void
  read(): CgroupReading
  readMemoryBytes(): number
  readMemoryPeakBytes(): number | null
  /** Read from and written to disks since the group was made; null where it is not counted. */
  readIo(): { readonly readBytes: number; readonly writtenBytes: number } | null
  /** Lets the peak begin anew, for the next run in the same group. False where the kernel cannot. */
  resetMemoryPeak(): boolean
  /** Host pids of what still runs in it. */
  members(): number[]
}

export type CgroupReading = {
  readonly cpuUserMs: number
  readonly cpuSystemMs: number
  readonly oomKills: number
  readonly processesRefused: boolean
  readonly processesPeak: number | null
}
