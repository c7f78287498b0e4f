/**
 * A work directory and the pod that holds it, when one does. The pod is made by the first run, and made anew when it does not
 * fit the next one: other limits, sealed by now, files added, or something left in it. What a run changed moves along.
 */
import type { RunOutcome, RunSpec, Sandbox } from '../../engine.ts'
import { sandboxLife } from '../../supervision/sandbox-life.ts'
import type { Station } from './job.ts'
import type { Cluster } from './start.ts'
import { type Hello, type LiveStation, openStation } from './station.ts'
import { putFile, sizeOf, type Tree } from './tree.ts'

export type SandboxDeps = {
  readonly cluster: Cluster
  readonly owner: string
  readonly diskBytes: number
  /** A name and a user that no other sandbox of ours has now. */
  identity(): { readonly name: string; readonly user: number }
  /** What a new pod says of itself. */
  onHello(hello: Hello): void
  onDestroyed(): void
}

const mebibyte = 2 ** 20
/** Our keeper beside the program, in the same container: Perl, its buffers, and a little input. */
export const keeperBytes = 3 * mebibyte // measured: 2.5 MiB, with half a MiB of input 4 MiB
const pageBytes = 4096
const ordinaryInputBytes = mebibyte / 4
const inputStepBytes = 4 * mebibyte // a pod serves several tests, whose input differs a little
/** Of what moves from pod to pod: it is in our own memory meanwhile. */
export const movedBytesMax = 256 * mebibyte

type Plan = Omit<Station, 'name' | 'user' | 'owner'> & { readonly treeBytes: number }
type Held = { readonly plan: Plan; readonly station: LiveStation; sealed: boolean; ran: boolean }

export function openSandbox(deps: SandboxDeps): Sandbox {
  const { cluster, diskBytes } = deps
  let tree: Tree = new Map()
  let changed = false // files were put that the pod does not have
  let held: Held | null = null

  /** Takes back what runs have changed. A pod that died with its program cannot be asked. */
  const fetch = async () => {
    if (held === null || held.sealed || !held.ran) return
    held.ran = false
    tree = (await held.station.export(Math.min(diskBytes, movedBytesMax))) ?? tree
  }
  const leave = async () => {
    const station = held?.station
    held = null
    await station?.destroy()
  }
  const stationFor = async (spec: RunSpec, signal: AbortSignal, sealed: boolean): Promise<LiveStation> => {
    const image = cluster.settings.images[spec.language ?? 'default'] ?? cluster.settings.images.default
    if (
      held &&
      !changed &&
      held.station.canRun(spec.limits.wallMs) &&
      fits(held.plan, planFor(spec, image, held.plan.treeBytes, sealed))
    ) {
      return held.station
    }
    await fetch()
    await leave()
    const plan = planFor(spec, image, sizeOf(tree), sealed)
    const station = await openStation(cluster, { ...plan, ...deps.identity(), owner: deps.owner }, tree, signal)
    deps.onHello(station.hello)
    held = { plan, station, sealed, ran: false }
    changed = false
    return station
  }
  const planFor = (spec: RunSpec, image: string, treeBytes: number, sealed: boolean): Plan => {
    const inputBytes = spec.stdin.length + (spec.channel?.given.length ?? 0)
    const input = inputBytes <= ordinaryInputBytes ? 0 : Math.ceil(inputBytes / inputStepBytes) * inputStepBytes
    const bytes = spec.limits.memoryBytes + keeperBytes + input + treeBytes
    return {
      image,
      sealed,
      treeBytes,
      memoryBytes: Math.ceil(bytes / pageBytes) * pageBytes,
      workBytes: diskBytes,
      scratchBytes: spec.limits.diskBytes,
    }
  }

  return sandboxLife({
    async put(files) {
      await fetch() // before they are changed here: what a run left may lie in their way
      for (const file of files) putFile(tree, file)
      changed = true
    },
    async run(spec, listener, signal, sealed) {
      const station = await stationFor(spec, signal, sealed).catch((cause: unknown) => {
        if (signal.aborted) return null
        throw cause
      })
      if (station === null) return cancelled
      if (held) held.ran = true
      return await station.run(spec, listener, signal)
    },
    async destroy() {
      await leave()
      deps.onDestroyed()
    },
  })
}

function fits(held: Plan, wanted: Plan): boolean {
  return (['image', 'sealed', 'memoryBytes', 'workBytes', 'scratchBytes'] as const).every((name) => held[name] === wanted[name])
}

/** Of a run that was aborted before its program began. */
const cancelled: RunOutcome = {
  exitCode: null,
  signal: 'SIGKILL',
  reason: 'cancelled',
  usage: { wallMs: 0, cpuUserMs: 0, cpuSystemMs: 0, memoryPeakBytes: null, processesPeak: null, stdoutBytes: 0, stderrBytes: 0 },
  cut: { stdout: null, stderr: null },
  report: new Uint8Array(),
}
