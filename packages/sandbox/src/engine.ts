import type { z } from 'zod'
import type { Isolation, LimitName, Limits, Mechanism, runResult } from './spec.ts'
import type { Finding } from './supervision/finding.ts'

/** A way to isolate. An engine that cannot keep a promise of this interface refuses to be made. */
export type Engine = {
  readonly name: string
  readonly version: string
  readonly isolation: Isolation
  readonly mechanisms: Readonly<Record<LimitName, Mechanism>>
  /** Sentences on what it does not stop, enforce or measure, for whoever chooses an engine. Nothing of it is left out. */
  readonly cannot: readonly string[]
  /** Of the image in which programs of a language run, where there is one: `sha256:…`. */
  readonly imageDigest?: (language: string) => string | null
  /** How many sandboxes may be open at once. */
  readonly slots: number
  /** Opens a private, empty work directory bounded to `diskBytes`. Throws when all slots are open. */
  open(request: { diskBytes: number }): Promise<Sandbox>
  /** Settles when the engine can run nothing any more, though nobody closed it: its owner should end and start anew. */
  readonly broken: Promise<EngineFault>
  /** Ends every sandbox and removes what the engine left on the host. */
  close(): Promise<void>
}

/** An engine that was made on this machine, with what it has to say about it. */
export type FoundEngine = Engine & { readonly findings: readonly Finding[] }

/** What every engine of the catalogue is made with. */
export type EngineOptions = {
  readonly slots: number
  readonly stateDir: string // a private directory; one executor at a time
  readonly uidBase: number | null // under root: the first of `slots` free user ids
  readonly allowUnsafe: boolean // whoever runs this machine asked for an engine that isolates nothing
  readonly settings: EngineSettings
}
/** Flags that one engine alone reads, by name. The catalogue lists them; the engine that reads them parses them. */
export type EngineSettings = Readonly<Record<string, string>>

/** One job's world: files persist over its runs (compile once, run many); processes never do. */
export type Sandbox = {
  /** Writes files below the work directory. Paths are relative and were checked by the caller; `mode` defaults to 0644. */
  put(files: readonly { path: string; content: Uint8Array; mode?: number }[]): Promise<void>
  /** Makes everything below the work directory read-only to later runs, so that a test cannot alter the artifact. */
  seal(): Promise<void>
  /** One process tree from start to the death of its last process. Rejects only for faults of ours (EngineFault, NoRoom). */
  run(spec: RunSpec, listener: RunListener, signal: AbortSignal): Promise<RunOutcome>
  /** Idempotent. Afterwards nothing of the sandbox exists: no process, mount, cgroup or file. */
  destroy(): Promise<void>
}

export type RunSpec = {
  readonly command: readonly [string, ...string[]] // an absolute path as seen inside, and its arguments
  readonly env: Readonly<Record<string, string>>
  readonly stdin: Uint8Array
  readonly limits: Limits
  /** For an engine whose sandboxes come from images, which may have one per language. */
  readonly language?: string
  /** Host paths shown read-only. Missing ones are an EngineFault. */
  readonly show: readonly Show[]
  /**
   * When set, fd 3 is readable and holds `given`, and what is written to fd 4 comes back as `report`
   * (first 4 KiB). Neither is a file that the program could find by name.
   */
  readonly channel?: { readonly given: Uint8Array }
  /** How this command can be started ahead and fork into each run. An engine may ignore it: what it makes is the same. */
  readonly forkServer?: ForkServerSpec
}

export type ForkServerSpec = {
  /** How many words of the command belong to the server; the rest are a run's own arguments. */
  readonly words: number
  /** Shown and set on top of the run's own, for the server's part; gone before the program begins. */
  readonly show: readonly Show[]
  readonly env: Readonly<Record<string, string>>
}

/**
 * A path is shown where it is. A pair shows one host file elsewhere: Node comes through npm, so it may lie below a home
 * directory that sandbox users cannot enter, or below the very path that is the work directory inside. The engine
 * therefore reaches `host` with its own rights. An engine without file system isolation starts `host` for `inside`.
 */
export type Show = string | { readonly host: string; readonly inside: string }

/** Called in arrival order, at most `limits.outputBytes` in all; the chunk is the listener's to keep. */
export type RunListener = (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void

/** What an engine leaves out of it, because it cannot tell, is unknown; a start of which it says nothing was cold. */
export type RunOutcome = z.input<typeof runResult> & { readonly report: Uint8Array }

/** Ours, never the program's: it becomes the next attempt, not a verdict. */
export class EngineFault extends Error {
  override name = 'EngineFault'
}

/** What a run needs is not in the image that its sandbox is made of: a language that asks for it is not offered there. */
export class NotInImage extends EngineFault {
  override name = 'NotInImage'
}
