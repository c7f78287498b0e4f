/** Each process is killed outright, mid-run, with twenty evaluations in flight. Nothing may be lost, doubled or left. */
import { readFile } from 'node:fs/promises'
import { type Client, createClient } from '@crucible/sdk'
import { afterEach, expect, test } from 'vitest'
import { type Product, startProduct } from '../../packages/testkit/src/product.ts'
import { cgroupsOf, leftovers, type Traces } from './leftovers.ts'
import { descendants } from './processes.ts'
import { expectEachJudgedOnce, firstOutput, submitTwenty } from './twenty.ts'

const slots = 4
const uidBase = 1_900_100_000 // not the default: what is left is looked for by user, and other products may be running
// A short lease, so that a lost worker is noticed within the test.
const env = { CRUCIBLE_LEASE_SECONDS: '5', CRUCIBLE_SLOTS: String(slots), CRUCIBLE_UID_BASE: String(uidBase) }
const clean = { processes: [], cgroups: [], mounts: [], files: [] }

let stop: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of stop.toReversed()) await end()
  stop = []
})

type Started = { readonly running: Product; readonly client: Client; readonly traces: Traces }

async function started(dataDir?: string): Promise<Started> {
  const running = await startProduct(dataDir === undefined ? { env } : { env, dataDir })
  stop.push(running.stop)
  const apiKey = (await readFile(running.keyFile, 'utf8')).trim()
  const client = createClient({ baseUrl: running.url, apiKey })
  return { running, client, traces: { uidBase, slots, dataDir: running.dataDir, cgroups: cgroupsOf(running.dataDir) } }
}

function kill(running: Product, command: RegExp): void {
  const found = descendants(running.server.pid ?? -1).filter((process) => command.test(process.command))
  expect(found.map((process) => process.command)).not.toEqual([])
  for (const { pid } of found) killIfThere(pid)
}

/** The children of one that was just killed may have gone with it, as those of PostgreSQL do. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // process.kill throws nothing else
  }
}

const victims = [
  { name: 'the executor', command: /apps\/executor\/src\/main\.ts/ },
  { name: 'the server', command: /apps\/server\/src\/main\.ts serve/ },
  { name: 'PostgreSQL', command: /^(\S*\/)?postgres( |:)/ },
]

for (const victim of victims) {
  test(`${victim.name} is killed mid-run: every evaluation is judged once and nothing of a sandbox is left`, async () => {
    const { running, client, traces } = await started()
    const ids = await submitTwenty(client)
    await firstOutput(client, ids)
    kill(running, victim.command)
    await expectEachJudgedOnce(client, ids)
    const cgroups = [...traces.cgroups, ...cgroupsOf(running.dataDir)] // of the killed executor and of the one after it
    await running.stop()
    expect(await leftovers({ ...traces, cgroups })).toEqual(clean)
  }, 240_000)
}

test('all of it is killed at once with work queued: the next start does that work, once', async () => {
  const { running, client, traces } = await started()
  const ids = await submitTwenty(client)
  await firstOutput(client, ids)
  const own = running.server.pid ?? -1
  for (const pid of [own, ...descendants(own).map((process) => process.pid)]) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // its parent's death has already taken it
    }
  }
  // Empty cgroups stay until the next start sweeps them; everything else goes by itself.
  expect(await leftovers({ ...traces, cgroups: [] })).toEqual(clean)

  const again = await started(running.dataDir)
  await expectEachJudgedOnce(again.client, ids)
  const cgroups = [...traces.cgroups, ...again.traces.cgroups]
  await again.running.stop()
  expect(await leftovers({ ...traces, cgroups })).toEqual(clean)
}, 240_000)
