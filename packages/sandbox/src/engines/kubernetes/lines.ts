import { EngineFault } from '../../engine.ts'

/** The lines of a stream as they become whole; what follows the last newline is dropped. Refuses one that has no end. */
export async function* lines(stream: AsyncIterable<unknown>, bytesMax: number): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk as Buffer]) // of an answer without an encoding
    let from = 0
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10, from)) {
      yield rest.toString('utf8', from, at)
      from = at + 1
    }
    rest = rest.subarray(from)
    if (rest.length > bytesMax) throw new EngineFault(`The cluster sent a line of more than ${bytesMax} bytes.`)
  }
}
