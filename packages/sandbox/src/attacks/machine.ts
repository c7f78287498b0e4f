/** The machine as it is seen from outside the sandbox: what an attack could have changed on it, or left there. */
import { globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Each can turn a write into code of the host's root, or harm everybody. Only what nothing else changes meanwhile: a
 * container engine that starts switches forwarding on, for one.
 */
const settings = [
  '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/core_pipe_limit',
  '/proc/sys/kernel/modprobe',
  '/proc/sys/kernel/hostname',
  '/proc/sys/kernel/domainname',
  '/proc/sys/kernel/sysrq',
  '/proc/sys/kernel/randomize_va_space',
  '/proc/sys/fs/suid_dumpable',
  '/proc/sys/fs/binfmt_misc/status',
  '/proc/sys/vm/overcommit_memory',
  ...globSync('/sys/fs/cgroup/{,*/}release_agent'),
]

export type Settings = ReadonlyMap<string, string>

export const readSettings = (): Settings => new Map(settings.flatMap((path) => entry(path)))

/** What is different now, put back as it was where we may. */
export function changedSettings(before: Settings): string[] {
  const after = readSettings()
  return [...before].flatMap(([path, text]) => {
    const now = after.get(path)
    if (now === undefined || now === text) return [] // a hierarchy that somebody unmounted is no change of its setting
    try {
      writeFileSync(path, text)
    } catch {
      // Said all the same: who runs this must know.
    }
    return [`${path} was changed to ${JSON.stringify(now)}`]
  })
}

const commandMax = 120
const places = ['/tmp', '/var/tmp', '/dev/shm', '/dev/mqueue', '/run/lock', '/run', '/var/crash', '/']

/** Everything on the host that bears a nonce or a mark: files (removed), processes (killed), mounts, sockets, names of cgroups. */
export function removeTraces(nonce: string): string[] {
  const files = places.flatMap((place) => namesIn(place).flatMap((name) => (name.includes(nonce) ? [join(place, name)] : [])))
  for (const path of files) rmSync(path, { recursive: true, force: true })
  const processes = namesIn('/proc').flatMap((name) => (/^\d+$/.test(name) && bears(Number(name), nonce) ? [portrait(name)] : []))
  for (const { pid } of processes) quietly(() => process.kill(pid, 'SIGKILL'))
  const tables = ['/proc/self/mountinfo', '/proc/net/unix', '/proc/self/cgroup']
  const cgroups = globSync('/sys/fs/cgroup/{,*/}*').filter((path) => path.includes(nonce))
  return [
    ...files.map((path) => `it left ${path} on the host`),
    ...processes.map(({ text }) => `its process lived on: ${text}`),
    ...tables.filter((path) => read(path).includes(nonce)).map((path) => `its name is in ${path}`),
    ...cgroups.map((path) => `it made the cgroup ${path}`),
  ]
}

/** By its environment, which children inherit, or its arguments; our own process names nonces in neither. */
function bears(pid: number, nonce: string): boolean {
  if (pid === process.pid) return false
  return read(`/proc/${pid}/environ`).includes(nonce) || read(`/proc/${pid}/cmdline`).includes(nonce)
}

/** Enough to see what it was; taken before it is killed. */
function portrait(pid: string): { pid: number; text: string } {
  const status = new Map(
    read(`/proc/${pid}/status`)
      .split('\n')
      .map((line) => [line.split(':')[0], line.split(':')[1]?.trim()]),
  )
  const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim().slice(0, commandMax)
  const text = `${command || status.get('Name')} (${pid}, child of ${status.get('PPid')}, ${status.get('State')})`
  return { pid: Number(pid), text }
}

const entry = (path: string): [string, string][] => quietly(() => [[path, readFileSync(path, 'latin1')]]) ?? []
const read = (path: string): string => quietly(() => readFileSync(path, 'latin1')) ?? ''
const namesIn = (path: string): string[] => quietly(() => readdirSync(path)) ?? []

function quietly<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined // gone, or not ours to read: nothing can be said of it
  }
}
