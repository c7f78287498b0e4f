/** A pod that runs one program after the other. It is used again only while nothing is left in it from the one before. */
import { EngineFault, type RunListener, type RunOutcome, type RunSpec } from '../../engine.ts'
import { compileFilter } from '../../seccomp/compile.ts'
import { type Architecture, knownArchitecture } from '../../supervision/syscalls.ts'
import { frame } from './frames.ts'
import type { Station } from './job.ts'
import type { Word } from './log.ts'
import { runProgram } from './run.ts'
import { type Cluster, removePod, startPod } from './start.ts'
import type { Entry, Tree } from './tree.ts'

/** What the keeper found where it woke up. */
export type Hello = {
  readonly architecture: Architecture
  readonly counters: 'cgroup-v1' | 'cgroup-v2' | 'none'
  readonly network: string
}

export type LiveStation = {
  readonly hello: Hello
  /** Whether a run of `wallMs` could begin here now. */
  canRun(wallMs: number): boolean
  run(spec: RunSpec, listener: RunListener, signal: AbortSignal): Promise<RunOutcome>
  /** What is in the work directory, if it can still be asked. */
  export(bytesMax: number): Promise<Tree | null>
  destroy(): Promise<void>
}

const helloMs = 30_000
const exportMs = 60_000

export async function openStation(cluster: Cluster, plan: Station, tree: Tree, signal: AbortSignal): Promise<LiveStation> {
  let hear: (word: Word) => void = () => {}
  const { promise: greeted, resolve: greet } = Promise.withResolvers<string>()
  const started = await startPod(
    cluster,
    plan,
    tree,
    (word) => {
      if (word.kind === 'h') greet(word.bytes.toString('latin1'))
      else hear(word)
    },
    signal,
  )
  const { stages, input, log } = started
  const bornAt = performance.now()
  let state: 'clean' | 'used' | 'spent' | 'gone' = 'clean'
  let destroying: Promise<void> | null = null
  const destroy = () => {
    destroying ??= (async () => {
      state = 'gone'
      input.close()
      log.close()
      await removePod(cluster, plan.name, stages)
    })()
    return destroying
  }

  /** What the keeper answers, or an EngineFault. */
  const asked = async <T>(listen: (resolve: (answer: T) => void) => (word: Word) => void, limitMs: number): Promise<T> => {
    const done = new AbortController()
    try {
      return await new Promise<T>((resolve, reject) => {
        hear = listen(resolve)
        const over = () => reject(new EngineFault(`A sandbox ended: ${log.complaint() || 'its container is gone'}.`))
        log.ended.then(over, reject)
        void input.closed.then(over)
        stages.until(['out_of_memory'], AbortSignal.any([done.signal, AbortSignal.timeout(limitMs)])).then(over, reject)
      })
    } finally {
      done.abort()
      hear = () => {}
    }
  }

  try {
    const greeting = await asked<string>((resolve) => {
      void greeted.then(resolve)
      return () => {}
    }, helloMs)
    const hello = helloOf(greeting)
    return {
      hello,
      canRun: (wallMs) =>
        state === 'clean' &&
        stages.now()?.is === 'running' &&
        performance.now() - bornAt + wallMs < cluster.settings.lifeSeconds * 1000,
      async run(spec, listener, runSignal) {
        state = 'used'
        const site = {
          input,
          log,
          stages,
          filter: compileFilter(hello.architecture),
          workBytes: plan.workBytes,
          hear: (to: (word: Word) => void) => (hear = to),
        }
        const { outcome, clean } = await runProgram(site, spec, listener, runSignal)
        // The node may end a container whose memory ran out, and may be about to: it is neither used again nor asked.
        if (outcome.reason === 'memory') state = 'spent'
        else if (state === 'used' && clean) state = 'clean'
        return outcome
      },
      async export(bytesMax) {
        if (state === 'gone' || state === 'spent' || stages.now()?.is !== 'running') return null
        const told: Tree = new Map()
        let open: { content: Buffer[]; set(): void } | null = null
        const end = asked<string>(
          (resolve) => (word) => {
            if (word.kind === 'b') open?.content.push(word.bytes)
            else {
              open?.set()
              open = null
            }
            if (word.kind === 'x') open = takeEntry(told, word.bytes)
            if (word.kind === 'z') resolve(word.bytes.toString('latin1'))
          },
          exportMs,
        )
        await input.send(frame('x', String(bytesMax)))
        const left = await end
        if (left !== 'left=none') throw new EngineFault(`A work directory could not be moved to another pod (${left}).`)
        return told
      },
      destroy,
    }
  } catch (cause) {
    await destroy()
    throw cause
  }
}

/** Files come in parts; the entry is complete with the next word that is none of them. */
function takeEntry(tree: Tree, bytes: Buffer): { content: Buffer[]; set(): void } | null {
  const [kind = '', path = '', rest = ''] = splitThree(bytes.toString('latin1'))
  const mode = Number.parseInt(rest, 8)
  if (kind === 'l') tree.set(path, { kind: 'link', target: Buffer.from(rest, 'latin1') } satisfies Entry)
  if (kind === 'd') tree.set(path, { kind: 'directory', mode })
  if (kind !== 'f') return null
  const content: Buffer[] = []
  return { content, set: () => tree.set(path, { kind: 'file', mode, content: Buffer.concat(content) }) }
}

function splitThree(text: string): string[] {
  const first = text.indexOf('\0')
  const second = text.indexOf('\0', first + 1)
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)]
}

function helloOf(text: string): Hello {
  const told = Object.fromEntries(text.split(' ').map((word) => word.split('=') as [string, string])) // keeper.pl writes name=value
  const architecture = knownArchitecture(told['arch'] ?? '')
  const counters = (['cgroup-v1', 'cgroup-v2', 'none'] as const).find((each) => each === told['counters'])
  if (architecture === null || counters === undefined)
    throw new EngineFault(`A sandbox introduced itself oddly: ${text.slice(0, 200)}`)
  if (told['pid'] !== '1') throw new EngineFault('Our program in a pod is not its first process: it could not protect itself.')
  if (told['network'] === 'open') {
    throw new EngineFault("A sandbox reaches the cluster's API: its network policy is not in force.")
  }
  return { architecture, counters, network: told['network'] ?? 'unknown' }
}
