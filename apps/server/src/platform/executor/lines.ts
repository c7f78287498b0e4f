/** The lines of a byte stream, without their line feed. A line over `lineBytesMax` throws: it would be held in memory. */
export async function* lines(chunks: AsyncIterable<Uint8Array>, lineBytesMax: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let feed = chunk.indexOf(10); feed >= 0; feed = chunk.indexOf(10, from)) {
      const end = chunk.subarray(from, feed)
      if (heldBytes + end.byteLength > lineBytesMax) throw new RangeError(`a line is longer than ${lineBytesMax} bytes`)
      yield heldBytes === 0 ? Buffer.from(end.buffer, end.byteOffset, end.byteLength) : Buffer.concat([...held, end])
      held = []
      heldBytes = 0
      from = feed + 1
    }
    if (from < chunk.byteLength) {
      held.push(chunk.subarray(from))
      heldBytes += chunk.byteLength - from
      if (heldBytes > lineBytesMax) throw new RangeError(`a line is longer than ${lineBytesMax} bytes`)
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}
