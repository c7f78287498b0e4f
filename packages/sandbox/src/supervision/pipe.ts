/** Reads a pipe to its end without ever making the writer wait longer than the event loop does. */
import { Socket } from 'node:net'

/** Resolves when the last writer has closed it. Owns the descriptor. */
export function readPipe(descriptor: number, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new Socket({ fd: descriptor, readable: true, writable: false })
    socket.on('data', take)
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.resume()
  })
}

/** Keeps the first bytes and reads on, so that a program that writes more is not stopped by a full pipe. */
export function keepFirst(bytesMax: number): { take(chunk: Buffer): void; bytes(): Buffer } {
  const kept: Buffer[] = []
  let left = bytesMax
  return {
    take(chunk) {
      if (left === 0) return
      const part = chunk.subarray(0, left)
      left -= part.length
      kept.push(part)
    },
    bytes: () => Buffer.concat(kept),
  }
}
