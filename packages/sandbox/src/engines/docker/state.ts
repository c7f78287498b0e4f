/** Remembers in the state directory by which names containers may have been left, and removes them at the next start. */
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { claimState } from '../../supervision/state.ts'
import type { Calls } from './calls.ts'
import { allNames } from './names.ts'

const record = z.strictObject({ id: z.string().regex(/^[0-9a-f]{12}$/), slots: z.int().min(1).max(1024) })

export type State = { readonly id: string; release(): void }

/** Takes over the state directory from its previous owner. Containers of ours end by themselves when we die; this makes sure. */
export async function takeState(stateDir: string, slots: number, calls: Calls): Promise<State> {
  const claim = await claimState(stateDir)
  const path = join(stateDir, 'docker.json')
  try {
    const previous = readRecord(path)
    if (previous) await Promise.all(allNames(previous.id, previous.slots).map((name) => calls.remove(name)))
    const id = randomBytes(6).toString('hex')
    writeFileSync(path, JSON.stringify({ id, slots }), { mode: 0o600 })
    return {
      id,
      release() {
        rmSync(path, { force: true })
        claim.release()
      },
    }
  } catch (cause) {
    claim.release()
    throw cause
  }
}

function readRecord(path: string): z.infer<typeof record> | null {
  try {
    return record.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null // none, or cut short by a crash before any container was made
  }
}
