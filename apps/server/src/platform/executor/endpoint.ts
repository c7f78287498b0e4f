/** Where an executor listens, and the token that it wants. */
export type ExecutorEndpoint = {
  readonly address: { readonly socketPath: string } | { readonly host: string; readonly port: number }
  readonly token: string
}

export const describeEndpoint = ({ address }: ExecutorEndpoint) =>
  'socketPath' in address ? address.socketPath : `${address.host}:${address.port}`
