import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineFault, type FoundEngine } from '../../engine.ts'
import { readLanguages } from '../../languages/catalogue.ts'
import { offer } from '../../languages/offer.ts'
import { Obstacle } from '../../obstacle.ts'
import { dockerEngine } from './index.ts'
import { startDaemon } from './trial/daemon.ts'
import { bash, inSandbox, limits, MiB, optionsFor, python, run } from './trial/engine.ts'

const uidBase = 1_760_002_000
const daemon = await startDaemon({ required: process.env['CI'] !== undefined })
const host = daemon?.proxy.host ?? ''
let engine: FoundEngine
let stateDir: string
beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'crucible-docker-'))
  if (daemon) engine = await dockerEngine(optionsFor(host, { stateDir, uidBase }))
})
afterAll(async () => {
  await engine?.close()
  await daemon?.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

describe.skipIf(!daemon)('docker', () => {
  test('makes seven calls, and the proxy denies every other', async () => {
    const stop = new AbortController()
    await bash(engine, 'echo up; sleep 100', { signal: stop.signal, onOutput: () => stop.abort() })
    await inSandbox(engine, (sandbox) => run(sandbox, ['/usr/bin/bash', '-c', 'kill -9 $$']))
    const allowed = ['POST /containers/create', 'GET /images/…/json', 'DELETE /containers/…']
    for (const name of ['attach', 'start', 'wait', 'kill']) allowed.push(`POST /containers/…/${name}`)
    expect([...(daemon?.proxy.passed ?? [])].filter((call) => !allowed.includes(call))).toEqual([])
    expect(daemon?.proxy.denied).toEqual([])
    for (const path of [
      '/containers/json',
      '/info',
      '/containers/crucible-0-0-a/exec',
      '/containers/crucible-0-0-a/archive',
      '/volumes',
      '/images/x/push',
    ]) {
      expect(await daemon?.proxy.ask(path)).toBe(403)
    }
  })

  test('a program is told apart from its guard: codes, signals, streams and the channel', async () => {
    expect(await bash(engine, 'cat <&3 >&4; cat; echo x > /dev/stderr; exit 137', { stdin: 'in', given: 'nonce' })).toMatchObject(
      {
        exitCode: 137,
        signal: null,
        reason: 'exited',
        stdout: 'in',
        stderr: 'x\n',
        report: Buffer.from('nonce'),
      },
    )
    expect(await python(engine, 'import os; os.kill(1, 9); os.kill(1, 15); os.kill(1, 19); print("alive")')).toMatchObject({
      exitCode: 0,
      stdout: 'alive\n',
    })
    expect(await bash(engine, 'kill -9 -1; kill -9 $$')).toMatchObject({ signal: 'SIGKILL', reason: 'signalled' })
  })

  test('a program that fills a memory file system with all the memory it has ends for memory', async () => {
    const fill = (path: string) => `f = open("${path}", "wb")\nwhile True: f.write(bytes(2**20))`
    const sandbox = await engine.open({ diskBytes: 100 * MiB })
    for (const path of ['/tmp/big', '/work/big']) {
      expect(await run(sandbox, ['/usr/bin/python3', '-c', fill(path)], { limits: { memoryBytes: 32 * MiB } })).toMatchObject({
        reason: 'memory',
      })
    }
    await sandbox.destroy()
  })

  test('a limit of processes that is smaller than what a container needs to start holds all the same', async () => {
    const script =
      'import os\nn = 0\ntry:\n    while n < 9:\n        if os.fork() == 0: os.read(0, 1) or os._exit(0)\n        n += 1\nexcept OSError: pass\nprint(n, flush=True)\nos._exit(3)'
    expect(await python(engine, script, { limits: { processes: 3 } })).toMatchObject({ stdout: '2\n', reason: 'processes' })
  })

  test('a memory limit that Docker does not take is a fault that says so, and leaves nothing', async () => {
    await expect(bash(engine, 'true', { limits: { memoryBytes: MiB } })).rejects.toThrow('Minimum memory limit')
    expect(await daemon?.left()).toEqual([])
  })

  test('files stay between the runs of a sandbox, written by us or by programs, until it is gone', async () => {
    await inSandbox(engine, async (sandbox) => {
      await sandbox.put([
        { path: 'a/b/c', content: Buffer.alloc(3 * MiB, 'x') },
        { path: 'tool', content: Buffer.from('#!/usr/bin/bash\nwc() { :; }; read -rn 3 x < a/b/c; echo $x'), mode: 0o755 },
      ])
      expect(await run(sandbox, ['/work/tool'])).toMatchObject({ stdout: 'xxx\n', exitCode: 0 })
      await run(sandbox, ['/usr/bin/bash', '-c', 'echo kept > kept; echo gone > /tmp/gone; echo gone > /dev/shm/gone'])
      await sandbox.seal()
      await sandbox.put([{ path: 'late', content: Buffer.from('late') }])
      const look = 'echo *; ls /tmp /dev/shm; echo x > kept; cat kept late'
      expect(await run(sandbox, ['/usr/bin/bash', '-c', look])).toMatchObject({
        stdout: 'a kept late tool\n/dev/shm:\n\n/tmp:\nkept\nlate',
      })
    })
    expect(await bash(engine, 'ls -A /work /tmp')).toMatchObject({ stdout: '/tmp:\n\n/work:\n' })
  })

  test('a link that a program planted does not lead a later file astray, nor does a directory that it locked', async () => {
    await inSandbox(engine, async (sandbox) => {
      await run(sandbox, [
        '/usr/bin/bash',
        '-c',
        'ln -s /tmp dir; ln -s /etc/passwd file; mkdir -p deep way/down/there; touch way/down/there/x; chmod 0 way/down deep',
      ])
      const put = ['dir/a', 'file', 'deep/c', 'way']
      await sandbox.put(put.map((path) => ({ path, content: Buffer.from(path) })))
      expect(await run(sandbox, ['/usr/bin/bash', '-c', 'chmod 700 deep; cat dir/a file deep/c way; ls -d dir'])).toMatchObject({
        stdout: 'dir/afiledeep/cwaydir\n',
      })
      await expect(sandbox.put([{ path: '../etc/x', content: Buffer.from('') }])).rejects.toThrow('not inside')
      await expect(sandbox.put([{ path: 'large', content: Buffer.alloc(limits.diskBytes + 1) }])).rejects.toThrow('No space left')
      expect(await run(sandbox, ['/usr/bin/true'])).toMatchObject({ exitCode: 0 })
    })
  })

  test('what a program needs and the image lacks is a fault that names it', async () => {
    await expect(bash(engine, 'true', { show: ['/opt/there/is/none'] })).rejects.toThrow('/opt/there/is/none')
    await expect(inSandbox(engine, (sandbox) => run(sandbox, ['/usr/bin/there-is-none']))).rejects.toThrow(EngineFault)
    expect(await inSandbox(engine, (sandbox) => run(sandbox, ['/proc/self/cwd/program']))).toMatchObject({
      exitCode: 127,
      reason: 'exited',
    })
  })

  test('a language that is on this machine and not in the image is not offered, and says why', async () => {
    const languages = readLanguages().filter(({ name }) => ['bash', 'javascript', 'python'].includes(name))
    const { runtimes, unavailable } = await offer({ engine, randomBytes }, languages, AbortSignal.timeout(60_000))
    expect(runtimes.map(({ language }) => language.name)).toEqual(['bash', 'python'])
    expect(unavailable).toMatchObject([{ language: 'javascript', reason: expect.stringContaining('in the image') }])
  })

  test('a run that is cancelled before its container is up is cancelled all the same', async () => {
    expect(await bash(engine, 'sleep 100', { signal: AbortSignal.abort() })).toMatchObject({ reason: 'cancelled' })
    expect(await daemon?.left()).toEqual([])
  })

  test('a third sandbox is refused while two are open, and closing leaves nothing', async () => {
    const own = mkdtempSync(join(tmpdir(), 'crucible-docker-'))
    const second = await dockerEngine(optionsFor(host, { stateDir: own, uidBase: uidBase + 100 }))
    const open = await Promise.all([second.open({ diskBytes: MiB }), second.open({ diskBytes: MiB })])
    await expect(second.open({ diskBytes: MiB })).rejects.toThrow('All 2 sandboxes are open.')
    const running = run(open[0], ['/usr/bin/bash', '-c', 'sleep 100'])
    await second.close()
    expect(await running).toMatchObject({ reason: 'cancelled' })
    expect(await daemon?.left()).toEqual([])
    expect(readdirSync(own)).toEqual([])
    rmSync(own, { recursive: true })
  })

  test.for([
    ['an image that the daemon does not have', { 'docker-image': 'nobody/has-this:1' }, 'docker pull nobody/has-this:1'],
    ['an image that is no name', { 'docker-image': '../containers/json?x=' }, 'is no name of an image'],
    ['a host that is none', { 'docker-host': 'docker.example' }, 'neither unix:///path nor tcp://host:port'],
    ['a socket that is not there', { 'docker-host': 'unix:///nonexistent/docker.sock' }, 'systemctl start docker'],
    ['a runtime that nobody knows', { 'docker-runtime': 'kata' }, 'runc or runsc'],
    ['no processor at all', { 'docker-cpus': '0' }, 'between 0.1 and 1024'],
  ] as const)('%s is an obstacle with a remedy', async ([, settings, words]) => {
    const made = dockerEngine(optionsFor(host, { stateDir: join(stateDir, 'none'), uidBase, settings }))
    await expect(made).rejects.toThrow(Obstacle)
    await expect(made).rejects.toThrow(words)
  })
})
