import { once } from 'node:events'
import { chmodSync, chownSync, lstatSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { ExecutorConfig } from './config.ts'

/** Resolves when connections are accepted. A unix socket can be used by its owner only, from its first moment on. */
export async function listen(server: Server, config: ExecutorConfig): Promise<void> {
  const { socket, listen: address } = config
  if (socket === undefined) {
    server.listen(address)
    await once(server, 'listening')
    return
  }
  removeStale(socket)
  const before = process.umask(0o177)
  try {
    server.listen(socket)
    await once(server, 'listening')
  } finally {
    process.umask(before)
  }
  chmodSync(socket, 0o600)
  const owner = config['socket-owner']
  if (owner !== undefined) chownSync(socket, owner.uid, owner.gid)
}

/** A socket that a killed executor left; whatever else is there is not ours to remove, and listening will say so. */
function removeStale(socket: string): void {
  if (lstatSync(socket, { throwIfNoEntry: false })?.isSocket()) rmSync(socket)
}
