/** An executor of pods as a process: its flags reach the engine, and its death ends what it ran. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { documentedCluster } from '@crucible/testkit/kubernetes'
import { afterAll, expect, test } from 'vitest'

const token = 'a-token-of-sufficient-length'
const directory = mkdtempSync(join(tmpdir(), 'crucible-executor-'))
const cluster = await documentedCluster()
const children: ChildProcess[] = []
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await cluster.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Resolves when it takes jobs. */
async function startExecutor(socket: string): Promise<ChildProcess> {
  writeFileSync(join(directory, 'token'), token, { mode: 0o600 })
  const flags = {
    socket: join(directory, socket),
    'token-file': join(directory, 'token'),
    state: join(directory, 'state'),
    slots: '2',
    engine: 'kubernetes',
    ...cluster.settings,
  }
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'main.ts'),
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    ],
    { env: {}, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  children.push(child)
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('"ready"')) return child
  throw new Error('it ended before it was ready')
}

/** Sends a job that sleeps, and resolves when its program has said that it runs. */
async function startJob(socket: string): Promise<void> {
  const limits = { wallMs: 60_000, cpuMs: 5000, memoryBytes: 2 ** 27, processes: 8, outputBytes: 1024, diskBytes: 2 ** 20 }
  const files = [{ path: 'main.py', content: 'print("up")\nimport time\ntime.sleep(60)\n', encoding: 'utf8' }]
  const job = { attemptId: '1', language: 'python', version: null, files, entry: 'main.py', args: [], env: {}, stdin: '', limits }
  const sent = request({
    socketPath: join(directory, socket),
    path: '/jobs',
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
  sent.on('error', () => {}) // it is killed below
  sent.end(JSON.stringify({ ...job, compileLimits: limits, tests: [], stopAtFirstFailure: false }))
  const [answer] = await once(sent, 'response')
  answer.on('error', () => {})
  for await (const chunk of answer.setEncoding('utf8')) if (String(chunk).includes('"output"')) return
  throw new Error('the job ended before its program said anything')
}

test('a killed executor leaves a pod that ends by itself, and the next one removes it', async () => {
  const first = await startExecutor('first')
  expect(cluster.jobs()).toEqual([]) // what tested and greeted is gone
  await startJob('first')
  const gone = once(first, 'exit')
  first.kill('SIGKILL')
  await gone
  await cluster.until((pods) => pods.every((pod) => pod.status.phase === 'Failed'))
  expect(cluster.jobs().length).toBe(1)

  const second = await startExecutor('second')
  expect(cluster.jobs()).toEqual([])
  second.kill('SIGTERM')
  expect(await once(second, 'exit')).toEqual([0, null])
  expect([cluster.jobs(), cluster.pods()]).toEqual([[], []])
})
