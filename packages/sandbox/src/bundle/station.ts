/** The pipes and files of one run, as the executor's side has them. */
import { closeSync, constants, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenedFile } from './keeper.ts'
import { atKeeper } from './places.ts'

const pipes = ['out', 'err', 'report', 'status'] as const
const files = ['stdin', 'given', 'job'] as const
/** Of the guard, and of the runtime: apart, because runsc gives what it is handed to the program's user. */
const complaints = ['diagnosis', 'runtime'] as const
/** Descriptors of a runtime that has none to hand on. */
export const runtimeFiles: readonly OpenedFile[] = [
  'r:/dev/null',
  `a:${atKeeper.station}/runtime`,
  `a:${atKeeper.station}/runtime`,
]
const complaintBytesMax = 500
export type OutputPipe = (typeof pipes)[number]

export type Station = {
  /** Hands over the read end of a pipe; its new owner closes it. */
  takePipe(name: OutputPipe): number
  /** From here on a pipe ends when the sandbox has closed it, be it before it ever was opened there. */
  releaseEnds(): void
  /** What the runtime or the guard had to complain about; the program cannot write there. */
  complaint(): string
  close(): void
}

/** Made anew for each run, so that nothing of one can be read in the next. `owner`: who opens them in the cell. */
export function openStation(keeperRoot: string, input: Readonly<Record<(typeof files)[number], Uint8Array>>): Station {
  const at = (name: string) => join(keeperRoot + atKeeper.station, name)
  for (const name of files) writeFileSync(at(name), input[name])
  for (const name of complaints) writeFileSync(at(name), '')
  // Read ends first: a pipe without a reader cannot be opened for writing without waiting.
  const reads = new Map(pipes.map((name) => [name, openSync(at(name), constants.O_RDONLY | constants.O_NONBLOCK)] as const))
  const writes = pipes.map((name) => openSync(at(name), constants.O_WRONLY))
  return {
    takePipe(name) {
      const descriptor = reads.get(name)
      if (descriptor === undefined) throw new Error(`The pipe ${name} was taken before.`)
      reads.delete(name)
      return descriptor
    },
    releaseEnds: () => writes.splice(0).forEach(closeSync),
    complaint: () =>
      complaints
        .map((name) => readFileSync(at(name), 'utf8'))
        .join('')
        .trim()
        .slice(0, complaintBytesMax),
    close() {
      writes.splice(0).forEach(closeSync)
      for (const descriptor of reads.values()) closeSync(descriptor)
      reads.clear()
      for (const name of files) rmSync(at(name), { force: true })
    },
  }
}
