import type { JobEvent } from '../spec.ts'

type FaultCode = Extract<JobEvent, { type: 'fault' }>['code']

/** The job cannot be judged here, and no program is to blame. `code` says whose turn it is to act. */
export class JobFault extends Error {
  override name = 'JobFault'
  readonly code: FaultCode
  constructor(code: FaultCode, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.code = code
  }
}
