import { open, stat } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { bounds, type Runtime, type SubmitEvaluation } from '@crucible/contracts'
import type { Client } from '@crucible/sdk'
import { NothingToRunOn, UsageError } from './failures.ts'
import type { Terminal } from './terminal.ts'

type SourceFile = NonNullable<SubmitEvaluation['files']>[number]

/** Spellings of an extension that mean another one; which language has that one is the server's to say. */
const spellings: Readonly<Record<string, string>> = {
  '.cc': '.cpp',
  '.cxx': '.cpp',
  '.c++': '.cpp',
  '.mjs': '.js',
  '.cjs': '.js',
  '.mts': '.ts',
  '.cts': '.ts',
  '.bash': '.sh',
}

/** The language of a file, by what the server offers: a language that is added there is known here at once. */
export async function languageOf(client: Client, file: string, signal: AbortSignal): Promise<string> {
  const { data } = await client.listRuntimes(undefined, { signal })
  const extension = extname(file).toLowerCase()
  const runtime =
    data.find((each) => each.extension === extension) ?? data.find((each) => each.extension === spellings[extension])
  if (runtime !== undefined) return runtime.language
  if (data.length === 0) throw new NothingToRunOn('No executor has reported yet, so that nothing can run.')
  throw new UsageError(`Cannot tell the language of ${file} by its name; give --language. This server has: ${namesOf(data)}.`)
}

const namesOf = (runtimes: readonly Runtime[]) => [...new Set(runtimes.map((each) => each.language))].sort().join(', ')

/** A file as it is submitted: as text where it is UTF-8, else as base64. It keeps its own name, which tracebacks show. */
export async function sourceFileOf(file: string): Promise<SourceFile> {
  const bytes = await readBounded(file, bounds.sourceBytes)
  const path = basename(resolve(file))
  const text = utf8(bytes)
  return text === undefined ? { path, content: bytes.toString('base64'), encoding: 'base64' } : { path, content: text }
}

/** What the program reads: a file, `-` for our own input, or nothing. */
export async function stdinOf(from: string | undefined, terminal: Terminal): Promise<string> {
  if (from === undefined) return ''
  const bytes = from === '-' ? await readAll(terminal.stdin, bounds.stdinBytes) : await readBounded(from, bounds.stdinBytes)
  const text = utf8(bytes)
  if (text === undefined)
    throw new UsageError('The program’s input must be UTF-8 text. To hand over bytes, add them as a file: --file.')
  return text
}

/** Never trusts a size that was asked for beforehand: a device or a pipe has none. */
async function readBounded(file: string, bytesMax: number): Promise<Buffer> {
  try {
    if ((await stat(file)).isDirectory())
      throw new UsageError(`${file} is a folder; name the file to run and add others with --file.`)
    const handle = await open(file)
    return await readAll(handle.createReadStream({ end: bytesMax }), bytesMax)
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`Cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > bytesMax) throw new UsageError(`That is more than the ${bytesMax} bytes that one evaluation takes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A byte order mark is part of the text and stays. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
