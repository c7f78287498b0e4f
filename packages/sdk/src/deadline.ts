/** One signal for the caller's wish to stop and our own deadline, and a way to tell afterwards which it was. */
export type Deadline = {
  readonly signal: AbortSignal
  /** Throws the caller's reason if it was the caller; returns whether it was the deadline. */
  readonly hasPassed: () => boolean
}

export function deadlineOf(timeoutMs: number, caller?: AbortSignal): Deadline {
  const timer = AbortSignal.timeout(timeoutMs)
  const signal = caller === undefined ? timer : AbortSignal.any([caller, timer])
  return {
    signal,
    hasPassed: () => {
      if (caller?.aborted) throw caller.reason
      return timer.aborted
    },
  }
}
