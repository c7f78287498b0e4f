import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'

export type Lock = { release(): Promise<void> }

/**
 * One server per data directory. The lock is a name in the kernel's abstract socket space: it vanishes with the
 * process however that dies, so that there is no lock file to go stale. By inode: two paths to one directory are one.
 */
export async function lockDirectory(path: string): Promise<Lock | null> {
  const { dev, ino } = await stat(path)
  const server = createServer((socket) => socket.destroy())
  const isOurs = await new Promise<boolean>((resolve, reject) => {
    server.once('listening', () => resolve(true))
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)))
    server.listen(`\0crucible-data-${dev}-${ino}`)
  })
  if (!isOurs) return null
  server.unref() // a lock is no reason to stay alive
  return { release: () => new Promise((resolve) => server.close(() => resolve())) }
}
