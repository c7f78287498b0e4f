/** Finds out, by doing it, which cgroups this process may make: v2 where it has the controllers, else v1, else none. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../supervision/finding.ts'
import type { CgroupDriver } from './driver.ts'
import { makeGroup, readMembers, removeGroup } from './files.ts'
import { noCgroups } from './none.ts'
import { cgroupsV1, type controllersV1, type DirectoriesV1 } from './v1.ts'
import { cgroupsV2 } from './v2.ts'

/** What the kernel says about this process: the texts of /proc/self/cgroup and /proc/self/mountinfo, and its user. */
export type Surroundings = { readonly membership: string; readonly mounts: string; readonly uid: number }

export type ChosenCgroups = {
  readonly driver: CgroupDriver
  readonly findings: readonly Finding[]
  /** What was made, to be swept by the next executor should this one be killed. */
  readonly directories: readonly string[]
}

export function surroundings(): Surroundings {
  const uid = process.geteuid?.() ?? -1
  return { membership: readFileSync('/proc/self/cgroup', 'utf8'), mounts: readFileSync('/proc/self/mountinfo', 'utf8'), uid }
}

export async function chooseCgroups(around: Surroundings, name: string): Promise<ChosenCgroups> {
  const failures: string[] = []
  for (const attempt of [tryV2, tryV1]) {
    try {
      return await attempt(around, name)
    } catch (cause) {
      failures.push(cause instanceof Error ? cause.message : String(cause))
    }
  }
  return {
    driver: noCgroups(),
    directories: [],
    findings: [
      {
        level: 'warning',
        text: `No cgroups for sandboxes (${failures.join('; ')}): memory and CPU time are sampled from /proc, which a program that is quick enough escapes.`,
        remedy: 'Start under "systemd-run --user --scope -p Delegate=yes npm start", or as root.',
      },
    ],
  }
}

async function tryV2(around: Surroundings, name: string): Promise<ChosenCgroups> {
  const base = ownDirectory(around, 'v2')
  const available = readFileSync(join(base, 'cgroup.controllers'), 'utf8').split(/\s+/)
  const controllers = ['memory', 'pids', ...(available.includes('io') ? ['io'] : [])].map((name) => `+${name}`).join(' ')
  const missing = ['memory', 'pids'].filter((controller) => !available.includes(controller))
  if (missing.length > 0) throw new Error(`cgroup v2 has no ${missing.join(' and ')} controller here`)
  const directory = join(base, name)
  enableForChildren(base, around.uid, controllers)
  await makeGroup(directory)
  try {
    writeFileSync(join(directory, 'cgroup.subtree_control'), controllers)
  } catch (cause) {
    await removeGroup(directory)
    throw cause
  }
  return { driver: cgroupsV2(directory), directories: [directory], findings: [enforced('cgroup v2')] }
}

/**
 * The kernel gives a group's children controllers only while the group itself has no processes. So everything of ours in
 * it moves one level down, which changes nothing for it. Processes of others stay untouched: then v2 is not for us.
 */
function enableForChildren(base: string, uid: number, controllers: string): void {
  const enable = () => writeFileSync(join(base, 'cgroup.subtree_control'), controllers)
  try {
    enable()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EBUSY') throw cause // a node:fs error always carries a code
    const members = readMembers(base)
    if (members.some((pid) => ownerOf(pid) !== uid)) throw new Error(`${base} also holds processes of other users`)
    const aside = join(base, 'crucible-supervisors')
    mkdirSync(aside, { recursive: true })
    for (const pid of members) writeFileSync(join(aside, 'cgroup.procs'), String(pid))
    enable()
  }
}

async function tryV1(around: Surroundings, name: string): Promise<ChosenCgroups> {
  const made: string[] = []
  try {
    const make = async (controller: (typeof controllersV1)[number]): Promise<string> => {
      const directory = join(ownDirectory(around, controller), name)
      await makeGroup(directory)
      made.push(directory)
      return directory
    }
    const parents: DirectoriesV1 = { memory: await make('memory'), pids: await make('pids'), cpuacct: await make('cpuacct') }
    return { driver: cgroupsV1(parents), directories: made, findings: [enforced('cgroup v1')] }
  } catch (cause) {
    for (const directory of made) await removeGroup(directory)
    throw cause
  }
}

const enforced = (what: string): Finding => ({
  level: 'ok',
  text: `Memory, CPU time and processes of a sandbox are bounded by ${what}.`,
  remedy: null,
})

/** The directory of this process's own group, so that limits which someone set on us hold for the sandboxes too. */
function ownDirectory({ membership, mounts }: Surroundings, wanted: 'v2' | (typeof controllersV1)[number]): string {
  const group = membership
    .split('\n')
    .map((line) => /^(\d+):([^:]*):(.*)$/.exec(line))
    .find((line) => line && (wanted === 'v2' ? line[1] === '0' && line[2] === '' : line[2]?.split(',').includes(wanted)))
  if (!group) throw new Error(`this process is in no cgroup ${wanted} group`)
  const mount = mounts
    .split('\n')
    .map((line) => /^\d+ \d+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)$/.exec(line))
    .find(
      (line) => line && (wanted === 'v2' ? line[3] === 'cgroup2' : line[3] === 'cgroup' && line[4]?.split(',').includes(wanted)),
    )
  const [, root = '/', point] = mount ?? []
  if (!point) throw new Error(`no cgroup ${wanted} is mounted`)
  const path = group[3] ?? '/'
  // A container without a cgroup namespace sees the host's path in /proc but has only its own part mounted.
  const relative = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path
  const directory = join(point, relative)
  return isDirectory(directory) ? directory : point
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function ownerOf(pid: number): number | null {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null
}
