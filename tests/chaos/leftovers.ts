import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { processes } from './processes.ts'

/** What a sandbox may leave on a host: processes of slot users, cgroups, mounts, temporary files. */
export type Leftovers = { processes: string[]; cgroups: string[]; mounts: string[]; files: string[] }

/** Where one product's sandboxes leave their traces; other products may be running on this machine. */
export type Traces = {
  readonly uidBase: number
  readonly slots: number
  readonly dataDir: string
  readonly cgroups: readonly string[]
}

const record = z.object({ directories: z.array(z.string()) })

/** The executor writes down which cgroups are its own, so that the next one can sweep them. */
export function cgroupsOf(dataDir: string): string[] {
  return record.parse(JSON.parse(readFileSync(join(dataDir, 'executor-state', 'engine.json'), 'utf8'))).directories
}

function look({ uidBase, slots, dataDir, cgroups }: Traces): Leftovers {
  return {
    // The server's own user, the number before the first slot's, runs PostgreSQL and the server: they are gone as well.
    processes: processes()
      .filter(({ uid }) => uid >= uidBase - 1 && uid < uidBase + slots)
      .map(({ pid, command }) => `${pid} ${command}`),
    cgroups: cgroups.filter((directory) => existsSync(directory)),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(dataDir)),
    files: existsSync(join(dataDir, 'executor-state'))
      ? readdirSync(join(dataDir, 'executor-state')).filter((name) => name !== 'engine.json')
      : [],
  }
}

const isClean = (found: Leftovers) => Object.values(found).every((entries) => entries.length === 0)

/** Looks until nothing is left, for at most `withinMs`, because the kernel takes its time to bury the dead. */
export async function leftovers(traces: Traces, withinMs = 10_000): Promise<Leftovers> {
  const deadline = performance.now() + withinMs
  for (let found = look(traces); ; found = look(traces)) {
    if (isClean(found) || performance.now() > deadline) return found
    await wait(50)
  }
}
