/** Ends what runs in cgroups of ours, and removes them. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineFault } from '../engine.ts'
import { readMembers, removeGroup } from './files.ts'

const killRounds = 200
const roundMs = 5

/** Kills what runs in the groups below `directory` and removes them. Only ever called with groups of our own making. */
export async function removeTree(directory: string): Promise<void> {
  let children: string[]
  try {
    children = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(directory, entry.name))
  } catch {
    return // gone already
  }
  for (const child of children) await removeTree(child)
  await killMembers(() => readMembers(directory))
  await removeGroup(directory)
}

/** SIGKILL until nobody is left; a fork bomb may need several rounds. */
export async function killMembers(members: () => number[]): Promise<void> {
  for (let round = 0; round < killRounds; round++) {
    const left = members()
    if (left.length === 0) return
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // ended by itself between the two lines
      }
    }
    await delay(roundMs)
  }
  throw new EngineFault(`Processes of an ended sandbox could not be killed within ${killRounds * roundMs} ms.`)
}
