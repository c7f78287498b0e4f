/** For tests: a Docker daemon of their own in a temporary directory, behind a proxy, with one image. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { dockerHttp } from '../http.ts'
import { importImage } from './image.ts'
import { type CallProxy, startProxy } from './proxy.ts'

export type TestDaemon = {
  readonly proxy: CallProxy
  /** What sandboxes have left with the daemon and on the machine: containers, volumes, mounts and control groups. */
  left(): Promise<string[]>
  /** As the service manager does it; `rise` starts it again. */
  fall(): Promise<void>
  rise(): Promise<void>
  stop(): Promise<void>
}

export const testImage = 'crucible-test:1'
const dockerd = '/usr/sbin/dockerd'
const runsc = '/usr/bin/runsc'
const runtimeArgs = ['--platform=ptrace', '--network=none'] // ptrace works everywhere, and is all that Debian 12 has
const readyMs = 30_000
const askMs = 10_000
const printedMax = 16_000

/** This machine does not let a daemon run; any other failure is a fault of these tests. */
class CannotStart extends Error {}

/** Null, after saying so, where there can be none; an error where it is required, as on every machine with CI set. */
export async function startDaemon(needs: { required: boolean; runsc?: true }): Promise<TestDaemon | null> {
  const reason = whyNot(needs)
  if (reason !== null) return refuse(reason, needs)
  const folder = await mkdtemp(join(tmpdir(), 'crucible-dockerd-'))
  const group = basename(folder)
  const socket = join(folder, 'docker.sock')
  await writeFile(join(folder, 'daemon.json'), JSON.stringify({ runtimes: { runsc: { path: runsc, runtimeArgs } } })) // not the machine's own
  const gone = async () => {
    for (const path of groupsOf(group)) rmdirSync(path)
    await rm(folder, { recursive: true, force: true })
  }
  let server: ChildProcess
  try {
    server = await begin(folder, socket, group)
  } catch (cause) {
    await gone()
    if (cause instanceof CannotStart) return refuse(cause.message, needs)
    throw cause
  }
  await importImage(socket, testImage)
  const proxy = await startProxy(join(folder, 'proxy.sock'), socket)
  return {
    proxy,
    async left() {
      const { containers, volumes } = await listed(socket)
      const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
      const groups = groupsOf(group).flatMap((path) =>
        readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(path, entry.name)] : [])),
      )
      return [
        ...containers,
        ...volumes,
        ...mounts.filter((line) => line.includes(`${folder}/data/`) && / (overlay|tmpfs) /.test(line)),
        ...groups,
      ]
    },
    fall: () => ended(server),
    async rise() {
      server = await begin(folder, socket, group)
    },
    async stop() {
      await proxy.close()
      await ended(server)
      await gone()
    },
  }
}

function whyNot(needs: { runsc?: true }): string | null {
  if (!existsSync(dockerd)) return `${dockerd} is missing: apt-get install --no-install-recommends docker.io`
  if (needs.runsc && !existsSync(runsc)) return `${runsc} is missing: apt-get install --no-install-recommends runsc`
  return process.geteuid?.() === 0 ? null : 'only root can start a Docker daemon of its own here'
}

function refuse(reason: string, { required }: { required: boolean }): null {
  if (required) throw new Error(`The engine docker cannot be tested: ${reason}`)
  process.stderr.write(`Not tested here: the engine docker, because ${reason}\n`)
  return null
}

/** Without networks: nothing of ours needs any, and they would change this machine's firewall. Dies with this process. */
async function begin(folder: string, socket: string, group: string): Promise<ChildProcess> {
  const at = (name: string) => join(folder, name)
  const options = [
    ...[
      '--iptables=false',
      '--ip6tables=false',
      '--bridge=none',
      '--storage-driver=overlay2',
      '--exec-opt',
      'native.cgroupdriver=cgroupfs',
    ],
    ...['--config-file', at('daemon.json'), '--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')],
    ...['-H', `unix://${socket}`, '--cgroup-parent', `/${group}`],
  ]
  const server = spawn('/usr/bin/setpriv', ['--pdeathsig', 'TERM', '--', dockerd, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  })
  let printed = ''
  const ready = Promise.withResolvers<void>()
  server.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk).slice(-printedMax)
    if (printed.includes('API listen on')) ready.resolve()
  })
  const fail = (how: string) => ready.reject(new CannotStart(`dockerd ${how}; it printed: ${printed.slice(-2000)}`))
  const timer = setTimeout(fail, readyMs, `was not ready within ${readyMs} ms`)
  server.once('error', (error) => fail(error.message))
  server.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`))
  try {
    await ready.promise
  } catch (cause) {
    await ended(server)
    throw cause
  } finally {
    clearTimeout(timer)
  }
  return server
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return
  const exit = once(server, 'exit')
  server.kill('SIGTERM') // it ends its containers and its containerd
  await exit
}

const containerList = z.array(z.object({ Names: z.array(z.string()) }))
const volumeList = z.object({ Volumes: z.array(z.object({ Name: z.string() })).nullable() })

async function listed(socket: string): Promise<{ containers: string[]; volumes: string[] }> {
  const http = dockerHttp({ kind: 'unix', path: socket })
  const get = async (path: string): Promise<unknown> =>
    JSON.parse((await http.ask({ method: 'GET', path, signal: AbortSignal.timeout(askMs) })).text)
  const containers = containerList
    .parse(await get('/containers/json?all=1'))
    .flatMap(({ Names }) => Names.map((name) => `container ${name}`))
  const volumes = (volumeList.parse(await get('/volumes')).Volumes ?? []).map(({ Name }) => `volume ${Name}`)
  return { containers, volumes }
}

/** Of version 2, or one for each controller of version 1. */
function groupsOf(name: string): string[] {
  const root = '/sys/fs/cgroup'
  const places = [
    root,
    ...readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(root, entry.name)] : [])),
  ]
  return places.map((place) => join(place, name)).filter((path) => existsSync(path))
}
