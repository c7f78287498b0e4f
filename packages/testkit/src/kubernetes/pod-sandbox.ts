/**
 * Really runs the containers of a pod, on this machine: one bubblewrap is the pod (network, volumes), one more inside it each
 * container. What the manifest asks for decides what they get, so that one which forgets a line shows it: a root file system is
 * read-only only when it says so, and the network is gone only when a policy selects the pod.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { containerCgroups } from './container-cgroups.ts'
import type { Kube } from './objects.ts'
import { type Sample, sampler } from './sample.ts'

/** Paths of this machine that make up an image; a pair shows one of them elsewhere. */
export type Image = {
  readonly paths: readonly string[]
  readonly elsewhere?: readonly { host: string; inside: string }[]
  readonly files?: Readonly<Record<string, string>> // and texts that are not this machine's
}

export type Ended = { readonly exitCode: number; readonly reason: 'Completed' | 'Error' | 'OOMKilled' }
export type RunningContainer = {
  readonly stdin: Duplex
  /** Standard output and standard error, as the node's log has them. */
  readonly log: Duplex
  readonly ended: Promise<Ended>
}
export type PodSandbox = {
  start(name: string): RunningContainer
  destroy(): Promise<void>
}
export type PodOptions = {
  readonly pod: Kube
  readonly images: Readonly<Record<string, Image>>
  readonly isolated: boolean // a policy forbids it the network
  readonly env: Readonly<Record<string, string>>
  /** `kernel`: real cgroups where this machine and user have them. The others are played, by looking at processes. */
  readonly counters: 'kernel' | 'cgroup-v2' | 'cgroup-v1' | 'none'
}

const pause = readFileSync(join(import.meta.dirname, 'pause.pl'), 'utf8')
/** Where this node's pods with a user namespace of their own have their users: apart from everybody else's. */
const mappedUsers = { first: 1_780_500_000, count: 100_000 }
const volumesAt = '/run/volumes'
const samplePauseMs = 10

export function openPod({ pod, images, isolated, env, counters }: PodOptions): PodSandbox {
  const { spec } = pod
  const host = mkdtempSync(join(tmpdir(), 'crucible-pod-'))
  const asRoot = process.geteuid?.() === 0
  const user = spec.securityContext?.runAsUser ?? 0
  const outside = spec.hostUsers === false ? mappedUsers.first + randomInt(mappedUsers.count) : user
  chmodSync(host, 0o711) // bubblewrap runs as somebody else
  mkdirSync(join(host, 'counters'), { mode: 0o755 })
  const all = [...(spec.initContainers ?? []), ...spec.containers]
  const volumes = (spec.volumes ?? []).flatMap((volume: { name: string; emptyDir?: { medium?: string; sizeLimit?: string } }) =>
    volume.emptyDir === undefined
      ? []
      : [
          '--perms',
          '0777',
          ...(volume.emptyDir.sizeLimit ? ['--size', volume.emptyDir.sizeLimit] : []),
          '--tmpfs',
          `${volumesAt}/${volume.name}`,
        ],
  )
  const names = all.map((container: { name: string }) => container.name)
  const cgroups = counters === 'kernel' ? containerCgroups(basename(host), names, outside) : null
  const options = [
    ...'--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup --die-with-parent --new-session'.split(' '),
    ...(isolated ? ['--unshare-net'] : []),
    ...['--uid', String(user), '--gid', String(user), '--hostname', spec.hostname ?? pod.metadata.name],
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/run', ...volumes],
    ...['--ro-bind', host, '/run/host'],
    ...(cgroups?.binds ?? []),
    ...['/usr/bin/perl', '-e', pause],
  ]
  const pipes = all.flatMap(() => ['pipe', 'pipe'] as const)
  const outer = spawn('/usr/bin/bwrap', options, {
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit', ...pipes],
    ...(asRoot ? { uid: outside, gid: outside } : {}),
  })
  const exited = new Promise<void>((resolve) => outer.once('exit', () => resolve()))
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
  const end = new Map<string, (status: number) => void>()
  let heard = ''
  outer.stdout?.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1')
    for (let at = heard.indexOf('\n'); at >= 0; at = heard.indexOf('\n')) {
      const [word, name = '', status = ''] = heard.slice(0, at).split(' ')
      heard = heard.slice(at + 1)
      if (word === 'ready') isReady()
      end.get(name)?.(Number(status))
    }
  })
  const say = (line: string) => void outer.stdin?.write(`${line}\n`)

  return {
    start(name) {
      const index = all.findIndex((container: { name: string }) => container.name === name)
      const container = all[index]
      const image = images[container.image]
      if (image === undefined) throw new Error(`nobody made the image ${container.image}`)
      for (const [path, text] of Object.entries(image.files ?? {})) {
        mkdirSync(join(host, 'files', path, '..'), { recursive: true })
        writeFileSync(join(host, 'files', path), text)
      }
      const [input, output] = [3 + 2 * index, 4 + 2 * index]
      const shown = cgroups?.shown(name) ?? (counters === 'none' ? [] : ['--ro-bind', '/run/host/counters', '/sys/fs/cgroup'])
      const words = containerCommand(container, image, user, env, shown)
      const memoryMax = Number(container.resources?.limits?.memory ?? Number.POSITIVE_INFINITY)
      let outOfMemory = false
      cgroups?.limit(name, memoryMax)
      const look = sampler(outer.pid ?? 0)
      const sample = () => {
        const seen = look(memoryMax)
        publish(join(host, 'counters'), seen, counters, memoryMax)
        if (seen.memoryBytes <= memoryMax || outOfMemory) return
        outOfMemory = true // the whole container goes, as under memory.oom.group
        say(`kill ${name}`)
      }
      const sampling = cgroups ? null : setInterval(sample, samplePauseMs)
      const ended = new Promise<Ended>((resolve) => {
        const over = (status: number) => {
          if (sampling) clearInterval(sampling)
          const killed = outOfMemory || (status === 137 && cgroups !== null && cgroups.oomKills(name) > 0)
          resolve({ exitCode: status, reason: killed ? 'OOMKilled' : status === 0 ? 'Completed' : 'Error' })
        }
        end.set(name, over)
        void exited.then(() => over(137))
      })
      const entrances = cgroups?.entrances(name).join(',') ?? ''
      say(`start ${name} ${input} ${output} ${words.map((word) => Buffer.from(word).toString('hex')).join(',')} ${entrances}`)
      return { stdin: pipeOf(outer, input), log: pipeOf(outer, output), ended }
    },
    async destroy() {
      await Promise.race([ready, exited]) // killed earlier, what it has forked would not know yet that it dies with it
      outer.kill('SIGKILL') // and its pid namespace with it
      await exited
      for (const pipe of outer.stdio) pipe?.destroy() // those of containers that were never started would stay open
      await cgroups?.remove()
      rmSync(host, { recursive: true, force: true })
    },
  }
}

function pipeOf(child: ChildProcess, descriptor: number): Duplex {
  const pipe = child.stdio[descriptor]
  pipe?.on('error', () => {}) // a container that ends while it is fed
  return pipe as Duplex // node makes a socket of each 'pipe' beyond the third
}

type Container = {
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly env?: readonly { name: string; value: string }[]
  readonly securityContext?: { readOnlyRootFilesystem?: boolean; capabilities?: { drop?: readonly string[] } }
  readonly volumeMounts?: readonly { name: string; mountPath: string; readOnly?: boolean }[]
}

function containerCommand(
  container: Container,
  image: Image,
  user: number,
  env: Readonly<Record<string, string>>,
  shown: readonly string[],
): string[] {
  const { securityContext = {}, volumeMounts = [] } = container
  const variables = { ...env, ...Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value])) }
  return [
    '/usr/bin/bwrap',
    ...'--unshare-user --unshare-pid --unshare-ipc --as-pid-1 --die-with-parent --new-session --clearenv'.split(' '),
    ...['--uid', String(user), '--gid', String(user)],
    ...(securityContext.capabilities?.drop?.includes('ALL') ? ['--cap-drop', 'ALL'] : ['--cap-add', 'ALL']),
    ...image.paths.flatMap((path) => ['--ro-bind', path, path]),
    ...['bin', 'sbin', 'lib', 'lib64'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    ...(image.elsewhere ?? []).flatMap(({ host, inside }) => ['--ro-bind', host, inside]),
    ...Object.keys(image.files ?? {}).flatMap((inside) => ['--ro-bind', `/run/host/files${inside}`, inside]),
    ...['--dir', '/etc', '--dir', '/var', '--dir', '/home'],
    // Read-only, as container runtimes have it.
    ...['--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys', '--dev', '/dev', '--mqueue', '/dev/mqueue'],
    ...shown,
    ...volumeMounts.flatMap(({ name, mountPath, readOnly }) => [
      readOnly ? '--ro-bind' : '--bind',
      `${volumesAt}/${name}`,
      mountPath,
    ]),
    ...['--remount-ro', '/dev'],
    ...(securityContext.readOnlyRootFilesystem ? ['--remount-ro', '/'] : []),
    ...['--chdir', container.workingDir ?? '/'],
    ...Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value]),
    ...[...container.command, ...(container.args ?? [])].map((word) => expandVariables(word, variables)),
  ]
}

/** `$(NAME)` of a command is replaced where NAME is known, and `$$` is one `$`: as the node does it. */
function expandVariables(word: string, variables: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (whole, name?: string) =>
    name === undefined ? '$' : (variables[name] ?? whole),
  )
}

function publish(directory: string, sample: Sample, counters: PodOptions['counters'], memoryMax: number): void {
  const user = sample.userMs * 1000
  const system = sample.systemMs * 1000
  const kills = sample.memoryBytes > memoryMax ? 1 : 0
  const peak = sample.peakBytes
  const files =
    counters !== 'cgroup-v1'
      ? {
          'cpu.stat': `usage_usec ${user + system}\nuser_usec ${user}\nsystem_usec ${system}\n`,
          'memory.events': `low 0\nhigh 0\nmax 0\noom ${kills}\noom_kill ${kills}\n`,
          'memory.peak': `${peak}\n`,
        }
      : {
          'cpuacct/cpuacct.usage': `${(user + system) * 1000}\n`,
          'cpuacct/cpuacct.usage_user': `${user * 1000}\n`,
          'cpuacct/cpuacct.usage_sys': `${system * 1000}\n`,
          'memory/memory.oom_control': `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`,
          'memory/memory.max_usage_in_bytes': `${peak}\n`,
        }
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path) // whoever reads sees the old or the new one, never half of it
  }
}
