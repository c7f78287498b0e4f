import type { Isolation, Mechanism } from '../spec.ts'
import type { ContainerConfig, RunParts } from './config.ts'
import type { OpenedFile, RuntimeNeed } from './keeper.ts'

/** A program that makes a container of a bundle: what the engines that use one differ in. */
export type ContainerRuntime = {
  readonly engine: string
  readonly isolation: Isolation
  /** Of the runtime, as it prints it. */
  readonly version: string
  readonly cannot: readonly string[]
  readonly needs: readonly RuntimeNeed[]
  /** Who refuses a process too many: the sandbox's cgroup, or the sandbox's own kernel. */
  readonly processes: Extract<Mechanism, 'guest-kernel'> | 'cgroup'
  /** What of the runtime's runs in the sandbox's cgroup besides the program. */
  readonly ownProcesses: number
  /** A peak of processes up to this may be the runtime's own, from before the program began. */
  readonly setUpThreadsMax: number
  /** Where the guard is root of the sandbox's own kernel: system call numbers for the program to step down. */
  readonly stepDown: string | null
  readonly setUpDeadlineMs: number
  config(parts: RunParts): ContainerConfig
  /** Makes the container `id`, not yet started; `files` are its descriptors. */
  create(id: string): { readonly files: readonly OpenedFile[]; readonly command: readonly string[] }
  start(id: string): readonly string[]
}
