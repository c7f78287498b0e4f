import type { EngineOptions, FoundEngine } from '../engine.ts'
import type { EngineName, Isolation } from '../spec.ts'

/** One engine of the catalogue: what it is, and how it comes to be. */
export type EngineEntry = {
  readonly name: EngineName
  readonly isolation: Isolation
  /** One line: how it isolates, and for what it is fit. */
  readonly summary: string
  /** Flags of the executor that this engine alone reads, and what each is: `docker-host` becomes `--docker-host`. */
  readonly settings: Readonly<Record<string, string>>
  /** Throws an Obstacle when it cannot be had on this machine. A look and not a proof: quick, and it leaves nothing running. */
  check(options: EngineOptions, signal: AbortSignal): Promise<void>
  /** Throws an Obstacle too; an engine that was made has proved itself. */
  make(options: EngineOptions): Promise<FoundEngine>
}
