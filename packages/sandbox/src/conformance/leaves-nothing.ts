/**
 * For the test of an engine that gives its sandboxes host users of their own: what is left of them when the executor closes the
 * engine, and when it is killed. Looked for from outside, by those users, whatever the engine calls its processes.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { EngineOptions } from '../engine.ts'
import type { EngineEntry } from '../engines/entry.ts'
import type { Limits } from '../spec.ts'

const limits: Limits = {
  wallMs: 60_000,
  cpuMs: 60_000,
  memoryBytes: 2 ** 28,
  processes: 20,
  outputBytes: 1e5,
  diskBytes: 2 ** 24,
}
const show = ['/bin/bash', '/bin/sh', '/usr/bin']
/** Says that it runs, leaves a daemon behind and goes on. */
const command = ['/bin/bash', '-c', 'setsid bash -c "sleep 1000" & echo up; sleep 1000'] as const
const settleMs = 20_000
const lookMs = 20

export type Given = { readonly uidBase: number; readonly uids: number; readonly settings?: EngineOptions['settings'] }

/** Declares the tests; `source` is the file that exports `entry` under the name `exported`. Needs root. */
export function leavesNothing(entry: EngineEntry, source: { file: string; exported: string }, given: Given): void {
  const optionsOf = (stateDir: string): EngineOptions => ({
    ...{ slots: 2, stateDir, uidBase: given.uidBase, allowUnsafe: false, settings: given.settings ?? {} },
  })
  const users = () => processesOf(given.uidBase, given.uids)
  const inDirectory = async (use: (stateDir: string) => Promise<void>) => {
    const stateDir = await mkdtemp(join(tmpdir(), `crucible-${entry.name}-`))
    try {
      await use(stateDir)
    } finally {
      await rm(stateDir, { recursive: true })
    }
  }

  test('closing the engine while a program runs leaves no process, cgroup, mount or file', async () => {
    await inDirectory(async (stateDir) => {
      const engine = await entry.make(optionsOf(stateDir))
      const sandbox = await engine.open({ diskBytes: limits.diskBytes })
      const up = Promise.withResolvers<void>()
      const spec = { command, env: {}, stdin: new Uint8Array(), limits, show }
      const running = sandbox.run(spec, () => up.resolve(), new AbortController().signal)
      await up.promise
      const groups = groupsOf(stateDir)
      expect(groups.some((group) => readdirSync(group, { withFileTypes: true }).some((each) => each.isDirectory()))).toBe(true)
      await engine.close()
      expect((await running).reason).toBe('cancelled')
      expect(groups.filter((group) => existsSync(group))).toEqual([])
      expect(readdirSync(stateDir)).toEqual([])
      expect(users()).toEqual([])
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(stateDir)
    })
  })

  test('when the executor is killed all of its sandboxes go, and the next one removes their cgroups', async () => {
    await inDirectory(async (stateDir) => {
      const executor = await victim(source, optionsOf(stateDir))
      const groups = groupsOf(stateDir)
      expect(users().length).toBeGreaterThan(0)
      expect(groups.length).toBeGreaterThan(0)
      executor.kill('SIGKILL')
      await once(executor, 'exit')
      await until(() => users().length === 0)
      const next = await entry.make(optionsOf(stateDir))
      expect(groups.filter((group) => existsSync(group))).toEqual([])
      await next.close()
      expect(readdirSync(stateDir)).toEqual([])
    })
  })
}

/** An executor in a process of its own, with a program running. */
async function victim({ file, exported }: { file: string; exported: string }, options: EngineOptions): Promise<ChildProcess> {
  const script = `
    const { ${exported}: entry } = await import(${JSON.stringify(pathToFileURL(file).href)})
    const engine = await entry.make(${JSON.stringify(options)})
    const sandbox = await engine.open({ diskBytes: ${limits.diskBytes} })
    const spec = ${JSON.stringify({ command, env: {}, limits, show })}
    sandbox.run({ ...spec, stdin: new Uint8Array() }, () => console.log('up'), new AbortController().signal)
    setInterval(() => {}, 1000)
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('spawned with a pipe')
  await once(child.stdout, 'data')
  return child
}

const record = z.object({ directories: z.array(z.string()) })
const groupsOf = (stateDir: string) => record.parse(JSON.parse(readFileSync(join(stateDir, 'engine.json'), 'utf8'))).directories

function processesOf(first: number, count: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    const uid = /^\d+$/.test(pid) ? statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid : undefined
    return uid !== undefined && uid >= first && uid < first + count
  })
}

/** Waits for something that only the kernel will tell by looking. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + settleMs
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`It did not happen within ${settleMs} ms.`)
    await delay(lookMs)
  }
}
