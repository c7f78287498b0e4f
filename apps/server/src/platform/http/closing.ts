import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Lets `close` end in time. By itself it ends what is idle at that moment; it would wait for all of `keepAliveTimeout`
 * for a connection that is answered its last request later, and for one that was opened in advance and never used, as
 * browsers and fetch do. Returns what to call when closing begins.
 */
export function promptClosing(server: Server): () => void {
  const unused = new Set<Socket>()
  server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.on('request', ({ socket }) => unused.delete(socket))
  return () => {
    for (const socket of unused) socket.destroy()
    const sweep = setInterval(() => server.closeIdleConnections(), 100)
    server.once('close', () => clearInterval(sweep))
  }
}
