import type { RefusalCode } from '@crucible/contracts'

export type Fault = { readonly pointer: string; readonly detail: string }
export type RefusalDetails = {
  readonly detail?: string
  readonly errors?: readonly Fault[]
  readonly retryAfterSeconds?: number
  /** Why, for our log; never shown to the caller. */
  readonly cause?: unknown
}

/** The caller's doing (or ours to admit, as with `unavailable`): shown as the table of refusals words it. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly code: RefusalCode
  readonly details: RefusalDetails
  constructor(code: RefusalCode, details: RefusalDetails) {
    super(details.detail === undefined ? code : `${code}: ${details.detail}`, { cause: details.cause })
    this.code = code
    this.details = details
  }
}

/** `throw refuse('evaluation_not_found')`. */
export const refuse = (code: RefusalCode, details: RefusalDetails = {}) => new Refusal(code, details)
