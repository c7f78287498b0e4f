/** `unix:///path` or `tcp://host:port`, as DOCKER_HOST has them. TLS and ssh are a tunnel's business. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

export function parseAddress(text: string): Address | null {
  const path = /^unix:\/\/(\/[^\0]+)$/.exec(text)?.[1]
  if (path !== undefined) return { kind: 'unix', path }
  const [, host, port] = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})\/?$/.exec(text) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return null
  return { kind: 'tcp', host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

export const isLoopback = (address: Address) =>
  address.kind === 'unix' || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(address.host)
