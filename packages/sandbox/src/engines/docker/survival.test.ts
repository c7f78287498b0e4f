import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EngineFault } from '../../engine.ts'
import { dockerCalls } from './calls.ts'
import { containerConfig } from './container.ts'
import { dockerHttp } from './http.ts'
import { dockerEngine } from './index.ts'
import { allNames } from './names.ts'
import { startDaemon, testImage } from './trial/daemon.ts'
import { bash, inSandbox, optionsFor, run } from './trial/engine.ts'

const uidBase = 1_760_003_000
const daemon = await startDaemon({ required: process.env['CI'] !== undefined })
const host = daemon?.proxy.host ?? ''
let stateDir: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'crucible-docker-'))
})
afterEach(() => rmSync(stateDir, { recursive: true, force: true }))
afterAll(() => daemon?.stop())

/** An executor in a process of its own that runs a program with a daemon in a session of its own, and says so. */
async function victim(mark: string): Promise<ChildProcess> {
  const at = (file: string) => JSON.stringify(join(import.meta.dirname, file))
  const script = `
    const { dockerEngine } = await import(${at('index.ts')})
    const { optionsFor, run } = await import(${at('trial/engine.ts')})
    const engine = await dockerEngine(optionsFor(${JSON.stringify(host)}, ${JSON.stringify({ stateDir, uidBase })}))
    const sandbox = await engine.open({ diskBytes: 1e6 })
    await sandbox.put([{ path: 'file', content: Buffer.alloc(1000) }])
    const program = 'setsid bash -c "exec -a ${mark} sleep 1000" & echo up; exec -a ${mark} sleep 1000'
    run(sandbox, ['/usr/bin/bash', '-c', program], { onOutput: () => console.log('running') })
    setInterval(() => {}, 1000)
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('spawned with a pipe')
  await once(child.stdout, 'data')
  await until(() => processesNamed(mark).length >= 1)
  return child
}

describe.skipIf(!daemon)('docker', () => {
  test('when the executor is killed, containers, volumes, mounts and cgroups of its sandboxes go by themselves', async () => {
    const mark = `crucible-victim-${process.pid}`
    const child = await victim(mark)
    expect(await daemon?.left()).not.toEqual([])
    child.kill('SIGKILL')
    await once(child, 'exit')
    await until(() => processesNamed(mark).length === 0)
    await until(async () => (await daemon?.left())?.length === 0)
  })

  test('what a killed executor had created and not yet started is removed by the next one', async () => {
    const id = '0123456789ab'
    const calls = dockerCalls(dockerHttp({ kind: 'unix', path: host.replace('unix://', '') }))
    const signal = AbortSignal.timeout(30_000)
    const image = await calls.inspectImage(testImage, signal)
    const needs = {
      image: image?.id ?? '',
      runtime: 'runc',
      seccomp: '{"defaultAction":"SCMP_ACT_ALLOW"}',
      user: uidBase,
      cpus: 1,
      environmentShown: false,
      memoryBytes: 2 ** 26,
      processes: 16,
      scratchBytes: 4096,
    }
    for (const name of allNames(id, 3))
      await calls.create(name, containerConfig({ ...needs, work: { kind: 'own', diskBytes: 4096 } }), signal)
    writeFileSync(join(stateDir, 'docker.json'), JSON.stringify({ id, slots: 3 }))
    expect((await daemon?.left())?.length).toBe(18) // nine containers, nine volumes

    const engine = await dockerEngine(optionsFor(host, { stateDir, uidBase }))
    expect(await daemon?.left()).toEqual([])
    await engine.close()
    expect(readdirSync(stateDir)).toEqual([])
  })

  test('fifty runs in a row, in two sandboxes at once, all end properly and leave nothing', async () => {
    const engine = await dockerEngine(optionsFor(host, { stateDir, uidBase }))
    const many = () =>
      inSandbox(engine, async (sandbox) => {
        for (let n = 0; n < 25; n++)
          expect(await run(sandbox, ['/usr/bin/bash', '-c', `echo ${n}`])).toMatchObject({ stdout: `${n}\n`, exitCode: 0 })
      })
    await Promise.all([many(), many()])
    await engine.close()
    expect(await daemon?.left()).toEqual([])
  })

  test('a daemon that stops during a run makes a fault of ours and no verdict, and is used again when it is back', async () => {
    const engine = await dockerEngine(optionsFor(host, { stateDir, uidBase }))
    const sandbox = await engine.open({ diskBytes: 1e6 })
    const up = Promise.withResolvers<void>()
    const running = run(sandbox, ['/usr/bin/bash', '-c', 'echo up; sleep 1000'], { onOutput: up.resolve })
    running.catch(() => {}) // looked at below
    await up.promise
    await daemon?.fall()
    await expect(running).rejects.toThrow(EngineFault)
    await expect(engine.open({ diskBytes: 1e6 })).rejects.toThrow('did not answer')
    await daemon?.rise()
    await sandbox.destroy()
    expect(await bash(engine, 'echo again')).toMatchObject({ stdout: 'again\n' })
    await engine.close()
    // Docker removes containers while it stops, but has by then closed its list of volumes: an empty one may be left in it.
    expect((await daemon?.left())?.filter((thing) => !/^volume [0-9a-f]{64}$/.test(thing))).toEqual([])
  })
})

/** Waits for something that only looking will tell. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not happen within 20 s.')
    await delay(20)
  }
}

const processesNamed = (name: string) => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid)[0] === name)

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
  } catch {
    return [] // ended while we looked
  }
}
