import { describe, expect, test } from 'vitest'
import { limits, MiB, shell, tryEngine } from './trial.ts'

const { engine, inSandbox, bash, py } = tryEngine(1_940_000_000)

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
  test('a memory limit too small for anything is a memory verdict and no fault of ours', async () => {
    if (engine().mechanisms.memoryBytes === 'sampled') return // between two looks such a program has ended
    expect(await bash('exit 0', { limits: { memoryBytes: MiB } })).toMatchObject({ reason: 'memory', exitCode: null })
  })
  test('memory in children counts too', async () => {
    const script =
      'import os\nfor _ in range(4):\n  if os.fork() == 0:\n    x = bytearray(60 << 20)\n    import time; time.sleep(5)\nos.wait()'
    expect(await py(script)).toMatchObject({ reason: 'memory' })
  })
  test('a fork bomb meets the limit and leaves nothing', async () => {
    // Which limit it meets first is chance; that it meets one, and that nothing stays, is not. Where no cgroup remembers
    // refused processes, a program that gives up has simply exited.
    const counted = engine().mechanisms.processes !== 'rlimit'
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
