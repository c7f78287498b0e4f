/** What the server tells the process that started it, and the answer. Hand-checked: that process loads no library. */
export type FromServer = { readonly type: 'ready'; readonly url: string } | { readonly type: 'admin-key'; readonly key: string }
/** The key is on disk, so the transaction that stores its hash may commit. */
export type ToServer = { readonly type: 'admin-key-written' }

export function asFromServer(message: unknown): FromServer {
  const { type, url, key } = fields(message)
  if (type === 'ready' && typeof url === 'string') return { type, url }
  if (type === 'admin-key' && typeof key === 'string') return { type, key }
  throw new Error(`the server sent a message of an unknown kind: ${String(type)}`)
}

export const isToServer = (message: unknown): message is ToServer => fields(message)['type'] === 'admin-key-written'

const fields = (message: unknown): Record<string, unknown> =>
  typeof message === 'object' && message !== null ? { ...message } : {}
