/**
 * A pipe into a container's standard input: `attach` over a WebSocket (RFC 6455). We only ever send, so what is left of the
 * protocol is one kind of frame out, and close, ping and the error channel in. Closing it ends the container's input, and with
 * that our program in it: a sandbox cannot outlive the executor that feeds it.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { EngineFault } from '../../engine.ts'
import { type Api, readAll, refusalOf } from './api.ts'

export type Input = {
  /** Resolves when the bytes are on their way and there is room for more. */
  send(bytes: Uint8Array): Promise<void>
  /** Settles when nothing more can be sent, with what the cluster had to say about it. */
  readonly closed: Promise<string>
  close(): void
}

const openMs = 30_000
const chunkBytes = 32 * 1024
const incomingBytesMax = 64 * 1024
const [standardInput, errors] = [0, 3] // channels, the first byte of every message
const [opText, opBinary, opClose, opPing, opPong] = [1, 2, 8, 9, 10]
/** The protocol's own constant, to be hashed with our key. */
const protocolKey = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export async function attach(api: Api, path: string, signal: AbortSignal): Promise<Input> {
  const socket = await upgrade(api, path, AbortSignal.any([signal, AbortSignal.timeout(openMs)]))
  const { promise: closed, resolve: close } = Promise.withResolvers<string>()
  let pending: Buffer = Buffer.alloc(0)
  let said = ''
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    for (let frame = takeFrame(pending); frame !== null; frame = takeFrame(pending)) {
      pending = pending.subarray(frame.size)
      if (frame.code === opPing) socket.write(encodeFrame(opPong, frame.payload))
      if (frame.code === opClose) socket.end()
      if ((frame.code === opBinary || frame.code === opText) && frame.payload[0] === errors)
        said = frame.payload.subarray(1).toString('utf8').slice(0, 500)
    }
    if (pending.length > incomingBytesMax) socket.destroy(new Error('a message of the cluster is too long'))
  })
  socket.on('error', (cause) => close(cause.message))
  socket.on('close', () => close(said))
  return {
    async send(bytes) {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        const message = Buffer.concat([Uint8Array.of(standardInput), bytes.subarray(at, at + chunkBytes)])
        if (socket.destroyed || !socket.writable)
          throw new EngineFault(`The connection to a sandbox broke: ${said || 'it was closed'}.`)
        if (socket.write(encodeFrame(opBinary, message))) continue
        await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed])
      }
    },
    closed,
    close() {
      if (!socket.destroyed) socket.end(encodeFrame(opClose, Buffer.from([0x03, 0xe8]))) // 1000: done
      setTimeout(() => socket.destroy(), 1000).unref()
    },
  }
}

function upgrade(api: Api, path: string, signal: AbortSignal): Promise<Duplex> {
  const key = randomBytes(16).toString('base64')
  const accepted = createHash('sha1')
    .update(key + protocolKey)
    .digest('base64')
  const { options, request } = api.options(path)
  return new Promise((resolve, reject) => {
    const fail = (text: string, cause?: unknown) => reject(new EngineFault(text, { cause }))
    const sent = request({
      ...options,
      signal,
      headers: {
        ...options.headers,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': key,
        'sec-websocket-version': '13',
        'sec-websocket-protocol': 'v5.channel.k8s.io, v4.channel.k8s.io',
      },
    })
    sent.on('upgrade', (answer, socket: Duplex, head: Buffer) => {
      if (answer.headers['sec-websocket-accept'] !== accepted) {
        socket.destroy()
        return fail('The cluster answered an upgrade with somebody else’s key.')
      }
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    sent.on('response', (answer) => {
      readAll(answer, incomingBytesMax).then((text) => reject(refusalOf(answer, text)), reject)
    })
    sent.on('error', (cause) => fail(`A sandbox could not be reached: ${cause.message}`, cause))
    sent.end()
  })
}

/** Masked, as everything that a client sends must be. */
function encodeFrame(code: number, payload: Buffer): Buffer {
  const mask = randomBytes(4)
  const length = payload.length
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = 0x80 | code
  if (length < 126) head[1] = 0x80 | length
  else if (length < 65_536) {
    head[1] = 0x80 | 126
    head.writeUInt16BE(length, 2)
  } else {
    head[1] = 0x80 | 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  const masked = Buffer.from(payload)
  for (let at = 0; at < length; at++) masked[at] = (masked[at] ?? 0) ^ (mask[at & 3] ?? 0)
  return Buffer.concat([head, mask, masked])
}

type Frame = { readonly code: number; readonly payload: Buffer; readonly size: number }

/** The first whole frame, or null when more bytes are needed. A server does not mask. */
function takeFrame(bytes: Buffer): Frame | null {
  if (bytes.length < 2) return null
  const short = (bytes[1] ?? 0) & 0x7f
  const from = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < from) return null
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < from + length) return null
  return { code: (bytes[0] ?? 0) & 0x0f, payload: bytes.subarray(from, from + length), size: from + length }
}
