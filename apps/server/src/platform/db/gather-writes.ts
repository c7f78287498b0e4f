import type { Socket } from 'node:net'
import type { PoolClient } from 'pg'

/**
 * Sends all that is written to the connection in one turn of the event loop as one write. pg writes each message by
 * itself, and a pipelined transaction is many: each write is a system call here and may wake the backend there.
 */
export function gatherWrites(client: PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection // not in the typings
  const write = stream.write.bind(stream) as (...given: unknown[]) => boolean // its overloads are passed through as they came
  let isGathering = false
  stream.write = (...given: unknown[]) => {
    if (!isGathering) {
      isGathering = true
      stream.cork()
      process.nextTick(() => {
        isGathering = false
        stream.uncork()
      })
    }
    return write(...given)
  }
}
