/** An answer of the API server that is no success, as its clients know it: a `Status`. */
export class Refusal extends Error {
  readonly code: number
  readonly reason: string
  constructor(code: number, reason: string, message: string) {
    super(message)
    this.code = code
    this.reason = reason
  }
  get status() {
    const { code, reason, message } = this
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
  }
}

export const forbidden = (message: string) => new Refusal(403, 'Forbidden', message)
export const notFound = (what: string, name: string) => new Refusal(404, 'NotFound', `${what} "${name}" not found`)
