import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, EngineFault, type JobEvent, NoRoom, offer, processEngine, readLanguages } from '@crucible/sandbox'
import pino from 'pino'
import { expect, test } from 'vitest'
import { createJobs } from './jobs.ts'

/** A job on an engine whose next sandbox fails in this way. */
async function faultOf(failure: Error): Promise<JobEvent> {
  const stateDir = mkdtempSync(join(tmpdir(), 'crucible-jobs-'))
  const real = await processEngine({
    slots: 1,
    stateDir,
    uidBase: process.geteuid?.() === 0 ? 1_780_002_000 : null,
    allowUnsafe: true,
  })
  const bash = readLanguages().filter(({ name }) => name === 'bash')
  const { runtimes } = await offer({ engine: real, randomBytes }, bash, AbortSignal.timeout(60_000))
  const engine: Engine = { ...real, open: () => Promise.reject(failure) }
  const jobs = createJobs({ engine, runtimes, log: pino({ level: 'silent' }) })
  const limits = { wallMs: 1000, cpuMs: 1000, memoryBytes: 2 ** 26, processes: 8, outputBytes: 1024, diskBytes: 2 ** 20 }
  const files = [{ path: 'main.sh', content: 'true', encoding: 'utf8' }]
  const body = { attemptId: '1', language: 'bash', version: null, files, entry: 'main.sh', args: [], env: {}, stdin: '', limits }
  const { promise: last, resolve: end } = Promise.withResolvers<JobEvent>()
  await jobs.run(
    { ...body, compileLimits: limits, tests: [], stopAtFirstFailure: false },
    { emit: () => {}, end },
    new AbortController().signal,
  )
  await real.close()
  rmSync(stateDir, { recursive: true, force: true })
  return await last
}

test('a job for which there is no room is to be tried again, and a failed engine is a fault', async () => {
  expect(await faultOf(new NoRoom('A quota is used up.'))).toEqual({ type: 'fault', code: 'busy', detail: 'A quota is used up.' })
  expect(await faultOf(new EngineFault('It broke.'))).toEqual({ type: 'fault', code: 'engine_fault', detail: 'It broke.' })
})
