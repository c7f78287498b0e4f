import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const againMs = 50

/** Resolves when something listens on the socket. Nothing tells of that but trying. */
export async function accepts(socketPath: string, signal: AbortSignal): Promise<void> {
  while (!(await tryOnce(socketPath))) await delay(againMs, undefined, { signal })
}

const tryOnce = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
