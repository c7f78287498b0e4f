import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, EngineFault, type RunOutcome, type Sandbox, type Show } from '../../engine.ts'
import type { Limits } from '../../spec.ts'
import { namespacesEngine } from './index.ts'

const MiB = 1024 * 1024
const limits: Limits = {
  wallMs: 10_000,
  cpuMs: 5000,
  memoryBytes: 128 * MiB,
  processes: 32,
  outputBytes: MiB,
  diskBytes: 32 * MiB,
}
const shell: Show[] = ['/bin/bash', '/bin/sh', '/usr/bin']
const python: Show[] = ['/usr/bin', '/usr/lib/python3', pythonLibrary()]

let stateDir: string
let engine: Engine
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'crucible-engine-'))
  engine = await namespacesEngine({ slots: 8, stateDir, uidBase: null })
})
afterAll(async () => {
  await engine.close()
  await rm(stateDir, { recursive: true })
})

type Ran = RunOutcome & { stdout: string; stderr: string }
type Options = { limits?: Partial<Limits>; stdin?: string; given?: string; show?: Show[]; signal?: AbortSignal }

async function run(sandbox: Sandbox, command: readonly [string, ...string[]], options: Options = {}): Promise<Ran> {
  const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const outcome = await sandbox.run(
    {
      command,
      env: {},
      stdin: Buffer.from(options.stdin ?? ''),
      limits: { ...limits, ...options.limits },
      show: options.show ?? [...shell, ...python],
      ...(options.given === undefined ? {} : { channel: { given: Buffer.from(options.given) } }),
    },
    (stream, chunk) => chunks[stream].push(chunk),
    options.signal ?? new AbortController().signal,
  )
  return { ...outcome, stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString() }
}

async function inSandbox<T>(use: (sandbox: Sandbox) => Promise<T>, diskBytes = limits.diskBytes): Promise<T> {
  const sandbox = await engine.open({ diskBytes })
  try {
    return await use(sandbox)
  } finally {
    await sandbox.destroy()
  }
}
const bash = (script: string, options?: Options) => inSandbox((sandbox) => run(sandbox, ['/bin/bash', '-c', script], options))
const py = (script: string, options?: Options) =>
  inSandbox((sandbox) => run(sandbox, ['/usr/bin/python3', '-c', script], options))

describe('how a program ended', () => {
  test('an exit code above 128 is not mistaken for a signal', async () => {
    expect(await bash('exit 137')).toMatchObject({ exitCode: 137, signal: null, reason: 'exited' })
  })
  test('a death by signal is told as that signal', async () => {
    expect(await bash('kill -9 $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL', reason: 'signalled' })
    expect(await bash('kill -SEGV $$')).toMatchObject({ exitCode: null, signal: 'SIGSEGV', reason: 'signalled' })
    expect(await bash('kill -ABRT $$')).toMatchObject({ exitCode: null, signal: 'SIGABRT', reason: 'signalled' })
  })
  test('a program that kills everything it can reach kills only itself', async () => {
    expect(await bash('kill -9 -1; exit 3')).toMatchObject({ exitCode: 3 }) // bash's own kill spares the caller
    expect(await py('import os; os.kill(1, 9); os.kill(1, 19); print("alive")')).toMatchObject({ exitCode: 0, stdout: 'alive\n' })
  })
  test('a program of less than a millisecond keeps its output and its code', async () => {
    expect(await bash('echo a; echo b >&2; exit 42')).toMatchObject({ exitCode: 42, stdout: 'a\n', stderr: 'b\n' })
  })
  test('a program that is not there is a failed program when it lies in the work directory, else a fault of ours', async () => {
    await inSandbox(async (sandbox) => {
      expect(await run(sandbox, ['/work/main'])).toMatchObject({ exitCode: 127, reason: 'exited' })
      await sandbox.put([{ path: 'main', content: Buffer.from('not a program'), mode: 0o644 }])
      expect(await run(sandbox, ['/work/main'])).toMatchObject({ exitCode: 126, reason: 'exited' })
      await expect(run(sandbox, ['/usr/bin/there-is-no-such-tool'])).rejects.toThrow(EngineFault)
    })
  })
})

describe('streams', () => {
  test('the standard streams can be opened by name', async () => {
    expect(await bash('echo x > /dev/stderr; echo y > /dev/stdout; cat < /dev/stdin', { stdin: 'z' })).toMatchObject({
      stdout: 'y\nz',
      stderr: 'x\n',
      exitCode: 0,
    })
  })
  test('a program with its streams closed still ends as it likes', async () => {
    expect(await bash('exec >&- 2>&- <&-; exit 5')).toMatchObject({ exitCode: 5, stdout: '' })
  })
  test('no descriptor but the standard ones is open', async () => {
    const { stdout } = await py('import os; print(sorted(int(n) for n in os.listdir("/proc/self/fd")))')
    expect(stdout).toBe('[0, 1, 2, 3]\n') // 3 is the directory being listed
  })
  test('the channel carries a secret in and a report out, and is closed to those who come after', async () => {
    expect(await bash('read -r secret <&3; echo "got $secret" >&4', { given: 'nonce\n' })).toMatchObject({ exitCode: 0 })
    const { report } = await bash('cat <&3 >&4', { given: 'nonce' })
    expect(Buffer.from(report).toString()).toBe('nonce')
  })
  test('a report longer than 4 KiB is cut and does not stop the program', async () => {
    const { report, exitCode } = await py('import os; os.write(4, b"x" * 1000000)', { given: '' })
    expect([report.length, exitCode]).toEqual([4096, 0])
  })
})

describe('attacks on the machine end within their limits', () => {
  test('an endless loop is stopped by CPU time', async () => {
    const ran = await py('print("before", flush=True)\nwhile True: pass', { limits: { cpuMs: 300 } })
    expect(ran).toMatchObject({ reason: 'cpu_time', stdout: 'before\n', exitCode: null, signal: 'SIGKILL' })
    expect(ran.usage.cpuUserMs + ran.usage.cpuSystemMs).toBeLessThan(900)
  })
  test('CPU time of the whole tree counts together', async () => {
    const ran = await py('import os\nfor _ in range(4): os.fork()\nwhile True: pass', { limits: { cpuMs: 400 } })
    expect(ran.reason).toBe('cpu_time')
  })
  test('a sleeper is stopped by wall time', async () => {
    expect(await bash('echo here; sleep 100', { limits: { wallMs: 200 } })).toMatchObject({
      reason: 'wall_time',
      stdout: 'here\n',
    })
  })
  test('stopping its own process group does not dodge the wall clock', async () => {
    expect(await bash('kill -STOP 0; echo no', { limits: { wallMs: 300 } })).toMatchObject({ reason: 'wall_time', stdout: '' })
  })
  test('a memory bomb is told from a plain kill', async () => {
    expect(await py('x = bytearray(1 << 30)\nprint(len(x))')).toMatchObject({ reason: 'memory' })
  })
  test('memory in children counts too', async () => {
    const script =
      'import os\nfor _ in range(4):\n  if os.fork() == 0:\n    x = bytearray(60 << 20)\n    import time; time.sleep(5)\nos.wait()'
    expect(await py(script)).toMatchObject({ reason: 'memory' })
  })
  test('a fork bomb meets the limit and leaves nothing', async () => {
    // Which limit it meets first is chance; that it meets one, and that nothing stays, is not. Where no cgroup remembers
    // refused processes, a program that gives up has simply exited.
    const counted = engine.mechanisms.processes !== 'rlimit'
    const limitsMet = ['processes', 'cpu_time', 'wall_time', ...(counted ? [] : ['exited'])]
    for (const bomb of ['while True: os.fork()', 'while True:\n  try: os.fork()\n  except OSError: pass']) {
      const ran = await py(`import os\nos.close(2)\n${bomb}`, { limits: { wallMs: 2000, cpuMs: 1000 } })
      expect(limitsMet).toContain(ran.reason)
      expect(ran.usage.processesPeak).toBeLessThanOrEqual(limits.processes)
    }
  })
  test('a program that is refused a process and gives up is told so', async () => {
    const ran = await py('import os, time\nfor _ in range(100):\n  if os.fork() == 0: time.sleep(60)', {
      limits: { processes: 10 },
    })
    expect(ran).toMatchObject({ reason: 'processes', exitCode: 1 })
    expect(ran.usage.processesPeak).toBe(10)
  })
  test('a disk bomb fills its own work directory and nothing else', async () => {
    const ran = await py('f = open("big", "wb")\nwhile True: f.write(bytes(1 << 20))')
    expect(ran).toMatchObject({ reason: 'disk', exitCode: 1 })
    expect(await py('f = open("/tmp/big", "wb")\nwhile True: f.write(bytes(1 << 20))')).toMatchObject({ reason: 'disk' })
  })
  test('a million empty files meet a bound', async () => {
    const ran = await py('for i in range(10**6): open(f"f{i}", "w").close()', { limits: { cpuMs: 9000 } })
    expect(ran.reason).toBe('disk')
  })
  test('a flood of 100 MB keeps head and tail, states the cut and stops the program', async () => {
    const ran = await py('import sys\nfor i in range(100): sys.stdout.write("x" * (1 << 20))')
    expect(ran.reason).toBe('output')
    const { cut, usage } = ran
    expect(ran.stdout.length).toBeLessThanOrEqual(limits.outputBytes)
    expect(ran.stdout.length + (cut.stdout?.omittedBytes ?? 0)).toBe(usage.stdoutBytes)
    expect(cut.stderr).toBeNull()
  })
  test('a cancelled program keeps what it wrote', async () => {
    const stop = new AbortController()
    await inSandbox(async (sandbox) => {
      const written: string[] = []
      const spec = {
        command: ['/bin/bash', '-c', 'echo on; sleep 100'] as const,
        env: {},
        stdin: Buffer.alloc(0),
        limits,
        show: shell,
      }
      const outcome = await sandbox.run(
        spec,
        (_, chunk) => {
          written.push(Buffer.from(chunk).toString())
          stop.abort()
        },
        stop.signal,
      )
      expect(outcome.reason).toBe('cancelled')
      expect(written.join('')).toBe('on\n')
    })
  })
})

describe('what is left behind', () => {
  test('a daemon in a session of its own ends with its program', async () => {
    const mark = `crucible-daemon-${process.pid}`
    await bash(`setsid bash -c 'exec -a ${mark} sleep 1000' > /dev/null 2>&1 & sleep 0.1; echo started`)
    expect(processesNamed(mark)).toEqual([])
  })
  test('a daemon that holds the output open does not hold the result', async () => {
    expect(await bash('sleep 1000 & echo done')).toMatchObject({ exitCode: 0, stdout: 'done\n', reason: 'exited' })
  })
  test('files stay between the runs of a sandbox and are gone with it; scratch is new for each run', async () => {
    await inSandbox(async (sandbox) => {
      await run(sandbox, ['/bin/bash', '-c', 'echo 1 > kept; echo 2 > /tmp/gone; echo 3 > /dev/shm/gone'])
      expect(await run(sandbox, ['/bin/bash', '-c', 'ls /work /tmp /dev/shm'])).toMatchObject({
        stdout: '/dev/shm:\n\n/tmp:\n\n/work:\nkept\n',
      })
    })
    expect(await bash('ls -A /work /tmp /dev/shm')).toMatchObject({ stdout: '/dev/shm:\n\n/tmp:\n\n/work:\n' })
  })
  test('a sealed work directory cannot be changed, /tmp still can', async () => {
    await inSandbox(async (sandbox) => {
      await sandbox.put([{ path: 'a/main', content: Buffer.from('artifact') }])
      await sandbox.seal()
      const ran = await run(sandbox, [
        '/bin/bash',
        '-c',
        'echo x > a/main; rm -f a/main; chmod 777 .; echo y > /tmp/y; cat a/main /tmp/y',
      ])
      expect(ran.stdout).toBe('artifacty\n')
    })
  })
  test('a link planted by a program does not lead a later write outside', async () => {
    await inSandbox(async (sandbox) => {
      await run(sandbox, ['/bin/bash', '-c', 'ln -s /etc dir; ln -s /etc/crucible-escape file; mkdir -p deep; chmod 000 deep'])
      await sandbox.put([
        { path: 'dir/crucible-escape', content: Buffer.from('a') },
        { path: 'file', content: Buffer.from('b') },
        { path: 'deep/c', content: Buffer.from('c') },
      ])
      expect(await run(sandbox, ['/bin/bash', '-c', 'chmod 700 deep; cat dir/crucible-escape file deep/c'])).toMatchObject({
        stdout: 'abc',
      })
      expect(readdirSync('/etc')).not.toContain('crucible-escape')
    })
  })
  test('closing the engine leaves no process, mount or cgroup', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'crucible-engine-'))
    const second = await namespacesEngine({ slots: 2, stateDir: directory, uidBase: 1_910_000_000 })
    const sandbox = await second.open({ diskBytes: MiB })
    const running = sandbox.run(
      { command: ['/bin/bash', '-c', 'sleep 100'], env: {}, stdin: Buffer.alloc(0), limits, show: shell },
      () => {},
      new AbortController().signal,
    )
    const groups: string[] = JSON.parse(readFileSync(join(directory, 'namespaces.json'), 'utf8')).directories
    await second.close()
    expect((await running).reason).toBe('cancelled')
    expect(groups.filter((group) => exists(group))).toEqual([])
    expect(readdirSync(directory)).toEqual([])
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('/run/slots')
    await rm(directory, { recursive: true })
  })
})

describe('several at once', () => {
  test('eight sandboxes run at once, each in its own world', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        bash(`echo ${index} > mine; sleep 0.2; cat mine; echo *; set -- /proc/[0-9]*; echo $#`),
      ),
    )
    for (const [index, ran] of all.entries()) expect(ran).toMatchObject({ exitCode: 0, stdout: `${index}\nmine\n2\n` })
  })
  test('a ninth is refused while eight are open', async () => {
    const open = await Promise.all(Array.from({ length: 8 }, () => engine.open({ diskBytes: MiB })))
    await expect(engine.open({ diskBytes: MiB })).rejects.toThrow('All 8 sandboxes are open.')
    await Promise.all(open.map((sandbox) => sandbox.destroy()))
  })
  test('fifty runs in a row in one sandbox all end properly', async () => {
    await inSandbox(async (sandbox) => {
      for (let n = 0; n < 50; n++)
        expect(await run(sandbox, ['/bin/bash', '-c', `echo ${n}`])).toMatchObject({ stdout: `${n}\n`, exitCode: 0 })
    })
  })
})

function pythonLibrary(): string {
  const version = readdirSync('/usr/lib').find((name) => /^python3\.\d+$/.test(name))
  if (!version) throw new Error('These tests need Debian python3; apt-get install python3.')
  return `/usr/lib/${version}`
}

function processesNamed(name: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[0] === name
    } catch {
      return false // ended while we looked
    }
  })
}

function exists(path: string): boolean {
  try {
    readdirSync(path)
    return true
  } catch {
    return false
  }
}
