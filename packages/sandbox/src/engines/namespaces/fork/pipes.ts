/** The ends of a fork server's pipes: two for as long as it lives, and four that each run opens anew. */
import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { readPipe } from '../../../supervision/pipe.ts'
import { inputFiles, type OutputPipe, openSite, outputPipes, type StationSite } from '../station.ts'

/** What its site has besides those of a station. */
export const ownPipes = ['control', 'answers'] as const
/** How the server has them: they become its descriptors 10, 11 and 12, for bwrap keeps 0 to 2 open as long as it lives. */
export const furtherDescriptors = 'control:r answers:w out:w'

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants

export type ServerPipes = {
  /** At most a pipe's 64 KiB. */
  writeArguments(bytes: Buffer): void
  /** From the moment when the other side has opened its ends. */
  listen(hear: (line: string) => void): void
  /** Lays a run's input out and asks for it. */
  ask(input: Readonly<Record<(typeof inputFiles)[number], Uint8Array>>): void
  close(): Promise<void>
}

export function openServerPipes(site: StationSite): ServerPipes {
  const { arguments: argumentsWrite, argumentsRead, stdin, given, job, ...outputs } = openSite(site)
  const files = { stdin, given, job }
  const answers = openSync(join(site.outside, 'answers'), O_RDONLY | O_NONBLOCK)
  const controlRead = openSync(join(site.outside, 'control'), O_RDONLY | O_NONBLOCK)
  const control = openSync(join(site.outside, 'control'), O_WRONLY)
  const ownUntilOpened = [argumentsWrite, argumentsRead, controlRead, ...Object.values(outputs)]
  let listening: Promise<void> | null = null
  return {
    writeArguments: (bytes) => rewrite(argumentsWrite, bytes, null),
    listen(hear) {
      for (const descriptor of ownUntilOpened) closeSync(descriptor)
      let partial = ''
      listening = readPipe(answers, (chunk) => {
        const lines = (partial + chunk.toString('latin1')).split('\n')
        partial = lines.pop() ?? ''
        lines.forEach(hear)
      })
    },
    ask(input) {
      for (const name of inputFiles) {
        ftruncateSync(files[name])
        rewrite(files[name], input[name], 0)
      }
      writeSync(control, 'r')
    },
    async close() {
      for (const descriptor of [control, ...Object.values(files)]) closeSync(descriptor)
      if (listening) return listening
      for (const descriptor of [answers, ...ownUntilOpened]) closeSync(descriptor)
    },
  }
}

export type RunPipes = {
  /** Hands over the read end; its new owner closes it. */
  take(name: OutputPipe): number
  /** Our own write ends, which keep a reader from seeing the end before the run has opened its own. */
  closeHolds(): void
  closeAll(): void
}

export function openRunPipes({ outside }: StationSite): RunPipes {
  const open = (flags: number) => new Map(outputPipes.map((name) => [name, openSync(join(outside, name), flags)]))
  const reads = open(O_RDONLY | O_NONBLOCK)
  const holds = open(O_WRONLY)
  const closeEach = (ends: Map<OutputPipe, number>) => {
    for (const descriptor of ends.values()) closeSync(descriptor)
    ends.clear()
  }
  return {
    take(name) {
      const descriptor = reads.get(name)
      if (descriptor === undefined) throw new Error(`The pipe ${name} was taken twice.`)
      reads.delete(name)
      return descriptor
    },
    closeHolds: () => closeEach(holds),
    closeAll() {
      closeEach(holds)
      closeEach(reads)
    },
  }
}

function rewrite(descriptor: number, bytes: Uint8Array, position: number | null): void {
  for (let offset = 0; offset < bytes.length; ) {
    offset += writeSync(descriptor, bytes, offset, bytes.length - offset, position === null ? null : position + offset)
  }
}
