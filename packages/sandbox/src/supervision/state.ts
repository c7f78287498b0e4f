/**
 * What a killed executor leaves is only empty cgroups: mounts, files and processes went with its attendant. The state
 * directory says which groups were ours, and belongs to one executor at a time.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { removeTree } from '../cgroups/sweep.ts'
import { EngineFault } from '../engine.ts'

const record = z.strictObject({
  pid: z.int(),
  startTicks: z.string(), // tells this process from a later one with the same pid
  directories: z.array(z.string().startsWith('/sys/fs/cgroup/')),
})

const lookMs = 5
const dyingMs = 2_000

export type StateRecord = { remember(directories: readonly string[]): void; release(): void }

/** Takes over the state directory, ends and removes what its previous owner left. */
export async function claimState(stateDir: string): Promise<StateRecord> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const path = join(stateDir, 'engine.json')
  const previous = readRecord(path)
  if (previous && previous.pid !== process.pid && !(await isGone(previous))) {
    throw new EngineFault(
      `Process ${previous.pid} already uses the state directory ${stateDir}; stop it or give this executor another directory.`,
    )
  }
  for (const directory of previous?.directories ?? []) await removeTree(directory)
  const write = (directories: readonly string[]) => {
    const text = JSON.stringify({ pid: process.pid, startTicks: startTicks(process.pid) ?? '', directories })
    writeFileSync(`${path}.new`, text, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }
  write([])
  return { remember: write, release: () => rmSync(path, { force: true }) }
}

function readRecord(path: string): z.infer<typeof record> | null {
  try {
    return record.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null // none yet, or cut short by a crash: without it there is nothing that we may touch
  }
}

/** One that was just killed may take a moment to end. */
async function isGone(owner: { readonly pid: number; readonly startTicks: string }): Promise<boolean> {
  const deadline = performance.now() + dyingMs
  while (startTicks(owner.pid) === owner.startTicks) {
    if (performance.now() > deadline) return false
    await delay(lookMs)
  }
  return true
}

/** Null for one that has ended, be it still unburied: whoever adopts the children of a killed supervisor may take his time. */
function startTicks(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}
