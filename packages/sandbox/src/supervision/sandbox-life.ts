import { EngineFault, type RunListener, type RunOutcome, type RunSpec, type Sandbox } from '../engine.ts'

/** What an engine does itself; when it may is the same for all. */
export type SandboxWork = {
  put(files: Parameters<Sandbox['put']>[0]): void | Promise<void>
  /** Only where sealing takes more than knowing of it: each run is told. */
  seal?(): void
  /** The signal is the caller's or the end of the sandbox, whichever comes first. */
  run(spec: RunSpec, listener: RunListener, signal: AbortSignal, sealed: boolean): Promise<RunOutcome>
  /** Once, when nothing runs any more. */
  destroy(): void | Promise<void>
}

/** The life of every sandbox: one program at a time, nothing after its end, and one end. */
export function sandboxLife(work: SandboxWork): Sandbox {
  const stop = new AbortController()
  let sealed = false
  let running: Promise<RunOutcome> | null = null
  let destroying: Promise<void> | null = null

  const requireIdle = () => {
    if (destroying) throw new EngineFault('The sandbox is destroyed.')
    if (running) throw new EngineFault('A program is still running in the sandbox.')
  }
  return {
    async put(files) {
      requireIdle()
      await work.put(files)
    },
    async seal() {
      requireIdle()
      work.seal?.()
      sealed = true
    },
    async run(spec, listener, signal) {
      requireIdle()
      running = work.run(spec, listener, AbortSignal.any([signal, stop.signal]), sealed)
      return await running.finally(() => {
        running = null
      })
    },
    destroy() {
      destroying ??= (async () => {
        stop.abort()
        await running?.catch(() => {}) // told to whoever awaits the run
        await work.destroy()
      })()
      return destroying
    },
  }
}
