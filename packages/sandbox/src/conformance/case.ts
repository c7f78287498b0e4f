/** What an engine promises, as data: a program, and what must be seen of it. */
import type { LimitName, Limits, Reason } from '../spec.ts'

/** Python, because every machine that we support has it; it runs as `main.py` in the work directory. */
export type Program = {
  readonly source: string
  readonly stdin?: string | Uint8Array
  readonly args?: readonly string[]
  readonly limits?: Partial<Limits>
}

export type Case = Program & {
  /** The promise, as a sentence. */
  readonly name: string
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Ran before: in the same sandbox, or in another one that is gone by then. */
  readonly before?: Program & { readonly where: 'same' | 'other' }
  readonly sealed?: true
  /** How many run at the same time, each in a sandbox of its own; each must meet the expectation. At most the slots. */
  readonly atOnce?: number
  readonly abortOnOutput?: true
  /**
   * An engine that says that it does not isolate, or only approximates these limits, is not asked. `shared-kernel` is about
   * what would touch the kernel of the host: an engine with a kernel of its own may allow it, for it touches nobody else.
   */
  readonly needs?: 'isolation' | 'shared-kernel' | readonly LimitName[]
  readonly expect: Expectation
}

/** Only what is named is compared. */
export type Expectation = {
  readonly reason?: Reason | readonly Reason[]
  readonly exitCode?: number | null
  readonly signal?: string | null
  readonly stdout?: string | Uint8Array
  readonly stdoutHas?: string
  readonly stdoutLacks?: string
  readonly stderr?: string
  readonly stderrHas?: string
  readonly cut?: 'stdout' | 'stderr' | null
  readonly stdoutBytesMin?: number // as counted by the engine, kept or not
  readonly stdoutKeptMax?: number
  readonly wallMsMax?: number
  readonly memoryPeakBytesMin?: number
  readonly cpuMsMin?: number
}

export type CaseResult = {
  readonly name: string
  readonly area: string
  readonly outcome: 'held' | 'broken' | 'not_asked'
  /** What was seen instead, or why it was not asked. */
  readonly detail: string
}
