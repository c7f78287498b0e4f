/** The container that keeps a sandbox's work directory: it has the volume, and writes files into it. */
import { isAbsolute, normalize } from 'node:path'
import { EngineFault } from '../../engine.ts'
import type { FileToPut } from '../../supervision/put-files.ts'
import type { Calls } from './calls.ts'
import type { ContainerConfig } from './container.ts'
import { launch } from './launch.ts'
import { frame, keeperScript } from './talk.ts'

export type Keeper = {
  readonly name: string
  put(files: readonly FileToPut[]): Promise<void>
  /** Ends it; the directory goes with it. Settles when the daemon has removed both. */
  gone(): Promise<void>
}

const partBytes = 64 * 1024
const fileDeadlineMs = 60_000
const startDeadlineMs = 60_000

/** Resolves when the volume is mounted and the keeper listens. */
export async function startKeeper(calls: Calls, name: string, config: ContainerConfig): Promise<Keeper> {
  const answers: ((answer: { kind: string; text: string }) => void)[] = []
  const hear = (kind: string, bytes: Buffer) => answers.shift()?.({ kind, text: bytes.toString('utf8').trim() })
  const answer = () => {
    const { promise, resolve } = Promise.withResolvers<{ kind: string; text: string }>()
    answers.push(resolve)
    return promise
  }
  const ready = answer()
  const signal = AbortSignal.timeout(startDeadlineMs)
  const container = await launch(calls, name, config, keeperScript, hear, signal)
  /** Every answer is also the end, should that come first. */
  const orEnd = async (promise: ReturnType<typeof answer>, deadlineMs: number) => {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new EngineFault('The keeper of a work directory did not answer.')), deadlineMs)
    const end = container.over.then(() => {
      throw new EngineFault(`The keeper of a work directory has ended: ${container.complaint() || 'no reason was given'}`)
    })
    try {
      return await Promise.race([promise, late.promise, end])
    } finally {
      clearTimeout(timer)
      end.catch(() => {})
    }
  }
  try {
    await orEnd(ready, startDeadlineMs)
  } catch (cause) {
    await container.gone()
    throw cause
  }
  return {
    name,
    async put(files) {
      for (const file of files) {
        const words = wordsOf(file)
        const done = answer()
        container.say(words)
        const { kind, text } = await orEnd(done, fileDeadlineMs)
        if (kind !== 'd')
          throw new EngineFault(`The file ${JSON.stringify(file.path)} could not be written into the work directory: ${text}`)
      }
    },
    gone: () => container.gone(),
  }
}

function wordsOf({ path: given, content, mode = 0o644 }: FileToPut): Buffer {
  const path = normalize(given)
  if (isAbsolute(path) || path === '.' || path === '..' || path.startsWith('../') || path.includes('\0')) {
    throw new EngineFault(`The path ${JSON.stringify(given)} is not inside the work directory.`)
  }
  const parts: Buffer[] = []
  for (let at = 0; at < content.length; at += partBytes) parts.push(frame('d', content.subarray(at, at + partBytes)))
  return Buffer.concat([frame('f', `${mode & 0o777}\0${path}`), ...parts, frame('e')])
}
