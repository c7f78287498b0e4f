/**
 * An attack as data: a program, what it tries, and what must be observed of it. It goes the whole way of a job (compile,
 * run, tests), and what it did is looked for outside: decoys, the machine, a neighbour, the result. Where only the program
 * can know (what a system call returned), it reports the raw result on a line of its own; silence is an escape.
 */
import type { LimitName, Limits, Reason, Test, Verdict } from '../spec.ts'

export const families = [
  'escape',
  'privilege',
  'network',
  'files',
  'exhaustion',
  'compile',
  'information',
  'forgery',
  'output',
  'traps',
] as const
export type Family = (typeof families)[number]

/**
 * `@NAME@` in any text of it is replaced: `@NONCE@` is fresh for each run (`@NONCE8@`: its first eight hexadecimal
 * digits), `@HOSTNAME@` is this machine's, and the others come from the decoys that the attack asks for (decoys/). Whatever it makes anywhere should have the nonce in its name, so that it is found outside.
 */
export type Program = {
  readonly language: string
  readonly source: string
  readonly files?: Readonly<Record<string, string>> // beside the entry, which is what the language calls it
  readonly stdin?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly limits?: Partial<Limits>
  readonly compileLimits?: Partial<Limits>
  /** `@SECRET@` in a test is what the program must not get to know. */
  readonly tests?: readonly Test[]
}

/** What is placed on the host, each reachable by whoever is not kept from it. decoys/index.ts says what each provides. */
export type DecoyName = 'file' | 'private-file' | 'tcp' | 'tcp6' | 'udp' | 'address' | 'unix' | 'abstract' | 'process'

/**
 * What whoever runs the attacks had before the engine was started, and lost if a program prints it. It cannot be placed
 * for a single attack, and a runner that has none of it skips those that look for it.
 */
export type RunnerSecret = 'environment' | 'descriptor'
export type RunnerSecrets = Readonly<Partial<Record<RunnerSecret, string>>>

/**
 * A program of somebody else, in a sandbox of its own, with `@SECRET@` to keep. `before`: it is gone by then.
 * `beside`: it writes `ready` once, runs on, and writes nothing more unless it was disturbed.
 */
export type Neighbour = Program & { readonly when: 'before' | 'beside' }

/**
 * All that is named must be seen. In any case the secret must appear in no output, decoys and neighbours must be
 * undisturbed, the machine's settings unchanged, and nothing that bears the nonce may be left on the host.
 */
export type Stopped = {
  /**
   * Name → the results that mean that it was stopped. The program writes `@NONCE@ name result` for each; a line that
   * is missing, has another result or a name that is not listed is an escape.
   */
  readonly says?: Readonly<Record<string, readonly string[]>>
  readonly reason?: Reason | readonly Reason[] // of the run, or of the compilation that never led to one
  readonly verdict?: Verdict | readonly Verdict[]
  readonly earnsNothing?: true // a score of 0
  readonly refusedJob?: true // turned away before anything ran
  readonly stdout?: string | Uint8Array // exactly these bytes
  readonly stdoutLacks?: string
  readonly atMost?: {
    readonly wallMs?: number
    readonly cpuMs?: number
    readonly memoryPeakBytes?: number
    readonly processesPeak?: number
    readonly keptBytes?: number // of both streams, over all runs
  }
}

/**
 * Proves that the observation can fail: this must be seen to succeed.
 * `process`: the same program (or `with` instead of parts of it) without isolation. `naive`: in a sandbox as one would
 * write it at first (naive.ts), `naive-root` the same started by root. `engine`: on the engine itself, for what isolation does not decide.
 */
export type Control =
  | {
      readonly on: 'process' | 'naive' | 'naive-root' | 'engine'
      readonly with?: Partial<Program>
      /** A part of what is then complained of: a program that merely broke would be complained of as well. */
      readonly shows?: string
      /** What some machines refuse to every ordinary user, so that nothing can be learned there. */
      readonly ifAllowed?: string
    }
  | { readonly without: string } // why there is none: it would harm the machine, or nothing here would let it succeed

export type Attack = Program & {
  readonly id: string // unique in its family
  /** A sentence that begins with a verb: "Writes …". */
  readonly tries: string
  readonly decoys?: readonly DecoyName[]
  readonly runnerSecret?: RunnerSecret
  readonly neighbour?: Neighbour
  /** How many of it run at the same time; every one must be stopped. */
  readonly atOnce?: number
  /** What other architectures do not have is not listed there. */
  readonly architecture?: NodeJS.Architecture
  /** Not asked of an engine that only approximates these limits, and says so. */
  readonly needs?: readonly LimitName[]
  /**
   * It knocks at the kernel of the host. Where a sandbox has a kernel of its own, that one may answer as it likes, so `says`
   * is not looked at; everything that is seen from outside still is.
   */
  readonly surface?: 'host-kernel'
  readonly stopped: Stopped
  readonly control: Control
}

export type AttackResult = {
  readonly id: string // 'escape/core-pattern'
  readonly family: Family
  readonly tries: string
  readonly outcome: 'stopped' | 'escaped' | 'skipped'
  /** What was seen instead, or why it was skipped; empty when it was stopped. */
  readonly detail: string
  readonly wallMs: number
}

/** A host user as whom a sandbox's program may run, so that only isolation keeps it from a decoy of the same user. */
export type Owner = { readonly uid: number; readonly gid: number }
