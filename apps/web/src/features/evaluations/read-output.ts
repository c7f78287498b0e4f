import { limitMaxima } from '@crucible/contracts'
import { CrucibleProblem } from '@crucible/sdk'

const partBytes = 4 * 1024 * 1024
/** Compile output and every test's come on top of the run's, so more than one limit; more than this is not saved from a page. */
export const downloadBytesMax = 4 * limitMaxima.outputBytes

/** Reads part after part until a short one, or until the server says that the offset lies behind the end. */
export async function readWholeOutput(
  read: (offset: number, limit: number) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  for (let offset = 0; offset < downloadBytesMax; ) {
    const part = await read(offset, partBytes).catch((error: unknown) => {
      if (error instanceof CrucibleProblem && error.code === 'range_not_satisfiable') return new Uint8Array()
      throw error
    })
    if (part.byteLength === 0) break
    parts.push(part)
    offset += part.byteLength
  }
  return parts
}
