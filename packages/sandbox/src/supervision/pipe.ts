/** Reads a pipe to its end without ever making the writer wait longer than the event loop does. */
import { Socket } from 'node:net'

/** Where all reads land, one after the other, to be copied out at once: else each read of a few bytes costs 64 KiB of garbage. */
const landing = Buffer.alloc(64 * 1024)

/** Resolves when the last writer has closed it. Owns the descriptor. */
export function readPipe(descriptor: number, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const callback = (bytes: number, buffer: Uint8Array) => {
      take(Buffer.from(buffer.subarray(0, bytes)))
      return true
    }
    const socket = new Socket({ fd: descriptor, readable: true, writable: false, onread: { buffer: landing, callback } })
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
