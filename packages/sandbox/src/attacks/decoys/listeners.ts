/** Services of the host that greet whoever connects with the secret, and remember that somebody did. */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer, type ListenOptions, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Decoy, Placing } from './decoy.ts'

/** `@TCP@`: a port on 127.0.0.1. */
export const placeTcp = (placing: Placing) => listen(placing, 'TCP', { host: '127.0.0.1', port: 0 })

/** `@TCP6@`: a port on ::1. */
export const placeTcp6 = (placing: Placing) => listen(placing, 'TCP6', { host: '::1', port: 0 })

/** `@ADDRESS@` and `@ADDRESSPORT@`: a service on the address by which others know this machine, or on loopback if it has none. */
export async function placeAddress(placing: Placing): Promise<Decoy> {
  const address = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
  const decoy = await listen(placing, 'ADDRESSPORT', { host: address ?? '127.0.0.1', port: 0 })
  return { ...decoy, values: { ...decoy.values, ADDRESS: address ?? '127.0.0.1' } }
}

/** `@UNIX@`: the path of a socket that everybody may connect to. */
export async function placeUnix(placing: Placing): Promise<Decoy> {
  const path = join(placing.directory, 'socket')
  const decoy = await listen(placing, 'UNIX', { path })
  chmodSync(path, 0o777)
  return { ...decoy, values: { UNIX: path } }
}

/** `@ABSTRACT@`: a name in the abstract namespace, which belongs to the network namespace and has no permissions. */
export async function placeAbstract(placing: Placing): Promise<Decoy> {
  const name = `crucible-decoy-${randomBytes(6).toString('hex')}` // not the nonce: that would be taken for a trace
  const decoy = await listen(placing, 'ABSTRACT', { path: `\0${name}` })
  return { ...decoy, values: { ABSTRACT: name } }
}

async function listen({ secret }: Placing, value: string, where: ListenOptions): Promise<Decoy> {
  let reached = 0
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    reached++
    open.add(socket)
    socket.on('error', () => {}) // whoever connects may go as they like
    socket.on('close', () => open.delete(socket))
    socket.end(`${secret}\n`)
  })
  server.listen(where)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? String(address.port) : ''
  return {
    values: { [value]: port },
    disturbed: () => (reached > 0 ? [`a service of the host was reached (${value.toLowerCase()})`] : []),
    async remove() {
      for (const socket of open) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

/** `@UDP@`: a port on 127.0.0.1 that answers each datagram. */
export async function placeUdp({ secret }: Placing): Promise<Decoy> {
  let reached = 0
  const socket = createSocket('udp4', (_message, from) => {
    reached++
    socket.send(`${secret}\n`, from.port, from.address)
  })
  socket.on('error', () => {})
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    values: { UDP: String(socket.address().port) },
    disturbed: () => (reached > 0 ? ['a datagram reached a service of the host'] : []),
    async remove() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}
