import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineFault } from '../../engine.ts'
import type { Limits } from '../../spec.ts'
import { namespacesEngine } from './index.ts'

const limits: Limits = { wallMs: 60_000, cpuMs: 60_000, memoryBytes: 1e8, processes: 20, outputBytes: 1e5, diskBytes: 1e6 }
const uidBase = process.geteuid?.() === 0 ? 1_920_000_000 : null // away from the other test files, whose slots have these users' processes

let stateDir: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'crucible-survival-'))
})
afterEach(() => rmSync(stateDir, { recursive: true }))

/** An executor in a process of its own that runs a program which leaves a daemon, and says so. */
async function victim(mark: string): Promise<ChildProcess> {
  const script = `
    const { namespacesEngine } = await import(${JSON.stringify(join(import.meta.dirname, 'index.ts'))})
    const engine = await namespacesEngine({ slots: 3, stateDir: ${JSON.stringify(stateDir)}, uidBase: ${uidBase} })
    const sandbox = await engine.open({ diskBytes: 1e6 })
    const command = ['/bin/bash', '-c', 'setsid bash -c "exec -a ${mark} sleep 1000" & exec -a ${mark} sleep 1000']
    const spec = { command, env: {}, stdin: Buffer.alloc(0), limits: ${JSON.stringify(limits)}, show: ['/bin/bash', '/bin/sh', '/usr/bin'] }
    sandbox.run(spec, () => {}, new AbortController().signal)
    console.log('running')
    setInterval(() => {}, 1000)
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('spawned with a pipe')
  await once(child.stdout, 'data')
  await until(() => processesNamed(mark).length === 2)
  return child
}

test('when the executor is killed, all of its sandboxes go, and the next one removes their cgroups', async () => {
  const mark = `crucible-victim-${process.pid}`
  const child = await victim(mark)
  const { directories } = JSON.parse(readFileSync(join(stateDir, 'engine.json'), 'utf8'))
  child.kill('SIGKILL')
  await once(child, 'exit')
  await until(() => processesNamed(mark).length === 0)
  await until(() => processesNamed('bwrap').filter((pid) => parentOf(pid) === 1).length === 0)

  const next = await namespacesEngine({ slots: 1, stateDir, uidBase })
  expect(directories.filter((directory: string) => existsSync(directory))).toEqual([])
  await next.close()
})

test('two executors cannot share a state directory', async () => {
  const child = await victim(`crucible-first-${process.pid}`)
  await expect(namespacesEngine({ slots: 1, stateDir, uidBase })).rejects.toThrow('already uses the state directory')
  child.kill('SIGKILL')
  await once(child, 'exit')
  await (await namespacesEngine({ slots: 1, stateDir, uidBase })).close() // clears up after it
})

test('when the attendant is killed, a running program is a fault of ours and no further sandbox opens', async () => {
  const before = new Set(attendants())
  const engine = await namespacesEngine({ slots: 2, stateDir, uidBase })
  const [attendant] = attendants().filter((pid) => !before.has(pid))
  const sandbox = await engine.open({ diskBytes: 1e6 })
  const spec = {
    command: ['/bin/bash', '-c', 'echo up; sleep 1000'] as const,
    env: {},
    stdin: Buffer.alloc(0),
    limits,
    show: ['/bin/bash', '/usr/bin'],
  }
  const running = sandbox.run(spec, () => process.kill(Number(attendant), 'SIGKILL'), new AbortController().signal)
  await expect(running).rejects.toThrow(EngineFault)
  expect(await engine.broken).toBeInstanceOf(EngineFault)
  await expect(engine.open({ diskBytes: 1e6 })).rejects.toThrow(EngineFault)
  await sandbox.destroy()
  await engine.close()
  expect(readdirSync(stateDir)).toEqual([])
})

/** Waits for something that only the kernel will tell by looking. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('It did not happen within 20 s.')
    await delay(10)
  }
}

function attendants(): string[] {
  return pids().filter((pid) => commandLine(pid)[1]?.endsWith('/attendant.pl') && parentOf(pid) === process.pid)
}
const processesNamed = (name: string) => pids().filter((pid) => commandLine(pid)[0] === name)
const pids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name))

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
  } catch {
    return [] // ended while we looked
  }
}

function parentOf(pid: string): number | null {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1])
  } catch {
    return null
  }
}
