/** Real cgroups for the containers of a pod, where root may make them: what the kernel counts, no looking around does. */
import { chownSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export type ContainerCgroups = {
  /** What bubblewrap has to show of them to whoever starts containers, who enters them itself. */
  readonly binds: readonly string[]
  /** The same, for a container to look at: its own alone. */
  shown(container: string): readonly string[]
  /** Files into which a process writes itself. */
  entrances(container: string): readonly string[]
  limit(container: string, memoryBytes: number): void
  oomKills(container: string): number
  remove(): Promise<void>
}

const mount = '/sys/fs/cgroup'
const removeTries = 50
const removePauseMs = 20

/** Null: this machine or this user has none, and use is sampled instead. */
export function containerCgroups(name: string, containers: readonly string[], user: number): ContainerCgroups | null {
  if (process.geteuid?.() !== 0) return null
  const isUnified = existsSync(join(mount, 'cgroup.controllers'))
  const trees = isUnified ? [mount] : ['memory', 'cpuacct'].map((controller) => join(mount, controller))
  if (!trees.every((tree) => existsSync(tree))) return null
  const pods = trees.map((tree) => join(tree, name))
  const all = pods.flatMap((pod) => containers.map((container) => join(pod, container)))
  const remove = async () => {
    for (const directory of [...all, ...pods]) {
      for (let tries = 0; existsSync(directory) && tries < removeTries; tries++) {
        try {
          rmdirSync(directory)
        } catch {
          await delay(removePauseMs) // its last process is just going
        }
      }
    }
  }
  for (const pod of pods) {
    mkdirSync(pod)
    if (isUnified && existsSync(join(pod, 'memory.max'))) writeFileSync(join(pod, 'cgroup.subtree_control'), '+memory +cpu')
  }
  for (const directory of all) {
    mkdirSync(directory)
    chownSync(join(directory, 'cgroup.procs'), user, user)
  }
  const memoryOf = (container: string) => join(trees[0] ?? mount, name, container)
  if (!existsSync(join(memoryOf(containers[0] ?? ''), isUnified ? 'memory.max' : 'memory.limit_in_bytes'))) {
    void remove() // a unified tree whose root does not hand down the memory controller
    return null
  }
  const inside = (pod: string) => `/run/cgroups${pod}`
  return {
    binds: pods.flatMap((pod) => ['--bind', pod, inside(pod)]),
    shown: (container) =>
      isUnified
        ? ['--ro-bind', `${inside(pods[0] ?? '')}/${container}`, mount]
        : pods.flatMap((pod, index) => ['--ro-bind', `${inside(pod)}/${container}`, trees[index] ?? mount]),
    entrances: (container) => pods.map((pod) => `${inside(pod)}/${container}/cgroup.procs`),
    limit(container, memoryBytes) {
      const directory = memoryOf(container)
      const set = (file: string, value: number) => {
        if (existsSync(join(directory, file))) writeFileSync(join(directory, file), String(value))
      }
      if (isUnified) {
        set('memory.max', memoryBytes)
        set('memory.swap.max', 0)
        set('memory.oom.group', 1) // as Kubernetes does since 1.28
      } else {
        set('memory.limit_in_bytes', memoryBytes)
        set('memory.memsw.limit_in_bytes', memoryBytes)
      }
    },
    oomKills(container) {
      const text = readFileSync(join(memoryOf(container), isUnified ? 'memory.events' : 'memory.oom_control'), 'utf8')
      return Number(/^oom_kill (\d+)/m.exec(text)?.[1] ?? 0)
    },
    remove,
  }
}
