import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine, RunOutcome } from '../../engine.ts'
import type { Limits } from '../../spec.ts'
import { processEngine } from './index.ts'

const limits: Limits = {
  wallMs: 10_000,
  cpuMs: 5000,
  memoryBytes: 2 ** 27,
  processes: 20,
  outputBytes: 2 ** 20,
  diskBytes: 2 ** 20,
}

let stateDir: string
let engine: Engine
beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'crucible-process-test-'))
  engine = await processEngine({ slots: 2, stateDir, uidBase: 1_930_000_000, allowUnsafe: true })
})
afterEach(async () => {
  await engine.close()
  rmSync(stateDir, { recursive: true })
})

async function bash(script: string, some: Partial<Limits> = {}): Promise<RunOutcome & { stdout: string }> {
  const sandbox = await engine.open({ diskBytes: limits.diskBytes })
  let stdout = ''
  const spec = {
    command: ['/bin/bash', '-c', script] as const,
    env: {},
    stdin: Buffer.from('in'),
    limits: { ...limits, ...some },
    show: [],
    channel: { given: Buffer.from('given') },
  }
  const listener = (stream: string, chunk: Uint8Array) => {
    if (stream === 'stdout') stdout += Buffer.from(chunk).toString()
  }
  const outcome = await sandbox.run(spec, listener, new AbortController().signal)
  await sandbox.destroy()
  return { ...outcome, stdout }
}

test('is refused to whoever does not ask for it by name', async () => {
  await expect(processEngine({ slots: 1, stateDir, uidBase: null })).rejects.toThrow('CRUCIBLE_ALLOW_UNSAFE_ENGINE')
})
test('declares that it isolates nothing and which limits it only guesses', () => {
  expect(engine.isolation).toBe('none')
  expect(engine.mechanisms).toMatchObject({ memoryBytes: 'sampled', cpuMs: 'sampled', diskBytes: 'none' })
})
test('tells codes, signals, streams and the channel as the other engines do', async () => {
  expect(await bash('cat; cat <&3 >&4; echo x > /dev/stdout; exit 137')).toMatchObject({
    exitCode: 137,
    signal: null,
    reason: 'exited',
    stdout: 'inx\n',
    report: Buffer.from('given'),
  })
  expect(await bash('kill -9 $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL', reason: 'signalled' })
})
test('limits of time, memory and output end a run', async () => {
  expect((await bash('sleep 100', { wallMs: 200 })).reason).toBe('wall_time')
  expect((await bash('while :; do :; done', { cpuMs: 200 })).reason).toBe('cpu_time')
  expect((await bash('x=$(head -c 300000000 /dev/zero | tr "\\0" x); sleep 5')).reason).toBe('memory')
  expect((await bash('yes')).reason).toBe('output')
})
test('a daemon in a session of its own ends with its program', async () => {
  const mark = `crucible-orphan-${process.pid}`
  expect(await bash(`setsid bash -c 'exec -a ${mark} sleep 1000' > /dev/null 2>&1 & sleep 0.1; exit 4`)).toMatchObject({
    exitCode: 4,
  })
  const left = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[0] === mark
    } catch {
      return false // ended while we looked
    }
  })
  expect(left).toEqual([])
})
test('names in no encoding and locked directories are no obstacle to sealing and removing', async () => {
  const sandbox = await engine.open({ diskBytes: limits.diskBytes })
  const command = ['/bin/bash', '-c', "mkdir $'\\xff\\xfe' locked && touch $'\\xff\\xfe'/in locked/in && chmod 0 locked"] as const
  const spec = { command, env: {}, stdin: Buffer.alloc(0), limits, show: [] }
  await sandbox.run(spec, () => {}, new AbortController().signal)
  await sandbox.seal()
  await sandbox.destroy()
})
