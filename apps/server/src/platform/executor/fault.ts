/**
 * What went wrong between us and an executor. `unreachable`: it never took the job, so nothing of it can have run.
 * `lost`: it may have; the stream broke, ended early or spoke nonsense.
 */
export class ExecutorFault extends Error {
  override name = 'ExecutorFault'
  readonly kind: 'unreachable' | 'lost'
  constructor(kind: 'unreachable' | 'lost', message: string, cause?: unknown) {
    super(message, { cause })
    this.kind = kind
  }
}
