/** One container from its creation to its removal, with the talk to its first process. */
import { EngineFault } from '../../engine.ts'
import { keepFirst } from '../../supervision/pipe.ts'
import type { Calls } from './calls.ts'
import type { ContainerConfig } from './container.ts'
import { listen } from './talk.ts'

type Say = (bytes: Buffer) => void
/** A first process may speak, and want an answer, before the daemon has told us that it was started. */
export type Hear = (kind: string, bytes: Buffer, say: Say) => void

export type Container = {
  readonly name: string
  readonly say: Say
  /** Settles when the connection is over, however that came. */
  readonly over: Promise<void>
  /** The exit code, once the daemon has removed it. */
  readonly removed: Promise<number>
  /** What the first process complained of. */
  complaint(): string
  /** Ends it now. */
  kill(): Promise<void>
  /** Ends what is left of it and waits until the daemon has removed it. Never rejects: what stays is swept by name later. */
  gone(): Promise<void>
}

const complaintBytesMax = 4096
const removedMs = 20_000

/** `first` is sent before the start. Leaves nothing behind when it fails. */
export async function launch(
  calls: Calls,
  name: string,
  config: ContainerConfig,
  first: Buffer,
  hear: Hear,
  signal: AbortSignal,
): Promise<Container> {
  const complaint = keepFirst(complaintBytesMax)
  const waiting = new AbortController()
  try {
    // Not to be abandoned: a daemon that is busy would make the container after we had looked for it in vain.
    await createNamed(calls, name, config, new AbortController().signal)
    signal.throwIfAborted()
    // Attached before the start, so that nothing it says is lost; asked before the start, so that its end is not missed.
    const removed = calls.wait(name, waiting.signal)
    removed.catch(() => {}) // told to whoever asks
    const { socket, head } = await calls.attach(name, signal)
    const say = (bytes: Buffer) => void (socket.writable && socket.write(bytes))
    const over = listen(socket, head, { frame: (kind, bytes) => hear(kind, bytes, say), complaint: complaint.take })
    over.catch(() => {})
    say(first)
    await calls.start(name, signal)
    return {
      name,
      over,
      removed,
      complaint: () => complaint.bytes().toString('utf8').trim().slice(0, 500),
      say,
      kill: () => calls.kill(name),
      async gone() {
        socket.destroy() // its standard input ends with that
        const late = AbortSignal.timeout(removedMs)
        late.addEventListener('abort', () => waiting.abort())
        await removed.catch(() => calls.remove(name)).catch(() => {})
      },
    }
  } catch (cause) {
    waiting.abort()
    await calls.remove(name).catch(() => {}) // told by the cause
    throw cause instanceof EngineFault ? cause : new EngineFault('A container could not be started.', { cause })
  }
}

/** A name that is taken belongs to a container of ours that a fault has left: nobody else uses our names. */
async function createNamed(calls: Calls, name: string, config: ContainerConfig, signal: AbortSignal): Promise<void> {
  try {
    await calls.create(name, config, signal)
  } catch (cause) {
    if (!(cause instanceof EngineFault && cause.message.includes('(409)'))) throw cause
    await calls.remove(name)
    await calls.create(name, config, signal)
  }
}
