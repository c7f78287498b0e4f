import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { UsageError } from '../failures.ts'

export type Row = { readonly [field: string]: unknown }
export type NumberedRow = { readonly row: Row; readonly where: string } // `file:line`, for messages

const lineCharactersMax = 16 * 1024 * 1024

/** The rows of a JSON Lines file, gzipped or not, one at a time: a file of any size needs the memory of its longest line. */
export async function* rowsOf(file: string): AsyncGenerator<NumberedRow> {
  let number = 0
  for await (const line of linesOf(file)) {
    number++
    if (line.trim() === '') continue
    const where = `${file}:${number}`
    const row = parse(line, where)
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw new UsageError(`${where} is not a JSON object.`)
    yield { row: row as Row, where } // a JSON object has string keys
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of await bytesOf(file)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > lineCharactersMax)
        throw new UsageError(`${file} has a line of more than ${lineCharactersMax} characters: is it JSON Lines?`)
      yield* lines
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`Cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  if (rest !== '') yield rest
}

/** Told by the first two bytes: a name can lie. */
async function bytesOf(file: string): Promise<AsyncIterable<Uint8Array>> {
  const handle = await open(file)
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0).finally(() => handle.close())
  const raw = createReadStream(file)
  if (buffer[0] !== 0x1f || buffer[1] !== 0x8b) return raw
  const gunzip = createGunzip()
  raw.on('error', (error) => gunzip.destroy(error))
  return raw.pipe(gunzip)
}

function parse(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new UsageError(`${where} is not JSON.`)
  }
}
