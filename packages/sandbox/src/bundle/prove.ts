/** The engine's own proof at its start, in a sandbox of its first slot. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Obstacle } from '../obstacle.ts'
import { selfTest } from '../supervision/self-test.ts'
import { openSandbox, type Slot, type SlotDeps } from './sandbox.ts'

const diskBytes = 4 * 1024 * 1024

export async function prove(deps: SlotDeps, slot: Slot): Promise<void> {
  const { engine } = deps.runtime
  const sandbox = await openSandbox(deps, slot, diskBytes, () => {})
  try {
    const ownerOf = (name: string) => statSync(join(sandbox.workOutside, name)).uid
    await selfTest(sandbox, { engine, architecture: deps.architecture, ownerOf }, slot.uids)
  } catch (cause) {
    if (cause instanceof Obstacle) throw cause
    throw new Obstacle(
      `The engine ${engine} cannot run a program on this machine: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Run the executor where it may make namespaces and mounts: on the host, or in a container that allows both.',
      { cause },
    )
  } finally {
    await sandbox.destroy()
  }
}
