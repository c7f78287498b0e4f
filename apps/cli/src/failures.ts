/** A slip on the command line or in a file that it names; the sentence says what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The server answers, and has nothing that could run a program now. */
export class NothingToRunOn extends Error {
  override readonly name = 'NothingToRunOn'
}

/** The user pressed Ctrl-C, or the process was told to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** Who read our output has gone, as `head` does when it has enough. */
export const isBrokenPipe = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EPIPE'
