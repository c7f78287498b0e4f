/**
 * The talk with the first process of a container: Docker's own frames (which stream, how long) around ours (what kind,
 * how long) on standard output, and ours alone on standard input. What a program writes never is a frame: it comes
 * through pipes that the first process reads.
 */
import { readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { EngineFault } from '../../engine.ts'

/** What came was no frame of ours. */
export class Garbled extends EngineFault {
  override name = 'Garbled'
}

export type Hear = { readonly frame: (kind: string, bytes: Buffer) => void; readonly complaint: (bytes: Buffer) => void }

const read = (name: string) => readFileSync(new URL(`inside/${name}`, import.meta.url))
const script = (name: string) => {
  const text = Buffer.concat([read('frames.pl'), read(name)])
  return Buffer.concat([lengthOf(text), text])
}
/** What the bootstrap of a container waits for. */
export const guardScript = script('guard.pl')
export const keeperScript = script('keeper.pl')

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return length
}

export function frame(kind: string, bytes: Uint8Array | string = ''): Buffer {
  const content = Buffer.from(bytes)
  return Buffer.concat([Buffer.from(kind), lengthOf(content), content])
}

const frameBytesMax = 1024 * 1024 // a first process that sends more is broken

/** Resolves when the connection has ended, with what was still missing of it; rejects when it broke. */
export function listen(socket: Duplex, head: Buffer, hear: Hear): Promise<void> {
  const outer = splitter(8, (header) => header.readUInt32BE(4))
  const inner = splitter(5, (header) => header.readUInt32BE(1))
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer) => {
      try {
        outer(chunk, (header, bytes) => {
          if (header[0] === 2) hear.complaint(bytes)
          else inner(bytes, (inside, content) => hear.frame(String.fromCharCode(inside[0] ?? 0), content))
        })
      } catch (cause) {
        socket.destroy()
        reject(cause)
      }
    }
    socket.on('data', take)
    socket.once('error', (cause) => reject(new EngineFault(`The connection to a container broke: ${cause.message}`, { cause })))
    socket.once('close', () => resolve())
    socket.once('end', () => socket.end())
    if (head.length > 0) take(head)
  })
}

type Splitter = (chunk: Buffer, each: (header: Buffer, content: Buffer) => void) => void

/** Cuts a stream into frames of a fixed header and as much content as that says. */
function splitter(headerBytes: number, lengthIn: (header: Buffer) => number): Splitter {
  let waiting: Buffer[] = []
  let have = 0
  let need = headerBytes
  return (chunk, each) => {
    waiting.push(chunk)
    have += chunk.length
    if (have < need) return // not worth joining
    let all = waiting.length === 1 ? chunk : Buffer.concat(waiting)
    while (all.length >= headerBytes) {
      const length = lengthIn(all)
      if (length > frameBytesMax) throw new Garbled(`A container announced a frame of ${length} bytes.`)
      need = headerBytes + length
      if (all.length < need) break
      each(all.subarray(0, headerBytes), all.subarray(headerBytes, need))
      all = all.subarray(need)
      need = headerBytes
    }
    waiting = all.length > 0 ? [all] : []
    have = all.length
  }
}
