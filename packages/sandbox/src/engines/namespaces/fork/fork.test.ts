import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine, RunOutcome } from '../../../engine.ts'
import { runSpec } from '../../../judge/run-spec.ts'
import { readLanguages } from '../../../languages/catalogue.ts'
import { offer } from '../../../languages/offer.ts'
import type { Runtime } from '../../../languages/runtime.ts'
import type { Limits } from '../../../spec.ts'
import { namespacesEngine } from '../index.ts'
import { createDemand, type ForkServers } from './forks.ts'

const mebibyte = 2 ** 20
const limits: Limits = {
  wallMs: 10_000,
  cpuMs: 5_000,
  memoryBytes: 128 * mebibyte,
  processes: 16,
  outputBytes: mebibyte,
  diskBytes: 16 * mebibyte,
}

type Tried = { readonly engine: Engine; readonly python: Runtime; readonly stateDir: string }

async function start(forkServers: ForkServers, uidBase: number): Promise<Tried> {
  const stateDir = await mkdtemp(join(tmpdir(), 'crucible-fork-'))
  const engine = await namespacesEngine({ slots: 1, stateDir, uidBase: process.geteuid?.() === 0 ? uidBase : null, forkServers })
  const languages = readLanguages().filter(({ name }) => name === 'python')
  const randomBytes = (length: number) => new Uint8Array(length)
  const { runtimes, unavailable } = await offer({ engine, randomBytes }, languages, AbortSignal.timeout(30_000))
  const [python] = runtimes
  if (python === undefined) throw new Error(`Python is not offered: ${JSON.stringify(unavailable)}`)
  return { engine, python, stateDir }
}

let cold: Tried
let forked: Tried
beforeAll(async () => {
  cold = await start('never', 1_650_100_000)
  forked = await start('always', 1_650_200_000)
})
afterAll(async () => {
  for (const each of [cold, forked]) {
    await each?.engine.close()
    if (each) await rm(each.stateDir, { recursive: true })
  }
})

type Ran = RunOutcome & { readonly stdout: string; readonly stderr: string }

async function run({ engine, python }: Tried, source: string, bounds: Partial<Limits> = {}): Promise<Ran> {
  const sandbox = await engine.open({ diskBytes: limits.diskBytes })
  try {
    await sandbox.put([{ path: 'main.py', content: Buffer.from(source) }])
    const written = { stdout: '', stderr: '' }
    const spec = runSpec({
      runtime: python,
      stage: python.language.run,
      values: { entry: 'main.py' },
      args: ['one', 'two words', ''],
      env: {},
      limits: { ...limits, ...bounds },
      stdin: Buffer.from('line\n'),
    })
    const take = (stream: 'stdout' | 'stderr', chunk: Uint8Array) => {
      written[stream] += Buffer.from(chunk).toString()
    }
    return { ...(await sandbox.run(spec, take, new AbortController().signal)), ...written }
  } finally {
    await sandbox.destroy()
  }
}

test('a program can tell by nothing of its interpreter or process whether it was started or forked', async () => {
  const source = readFileSync(join(import.meta.dirname, 'likeness.py'), 'utf8')
  const [started, second] = [await run(cold, source), await run(forked, source)]
  expect(second.stdout.split('\n')).toEqual(started.stdout.split('\n'))
  expect(second.stderr).toBe(started.stderr)
  expect(second).toMatchObject({ exitCode: 1, signal: null, reason: 'exited' })
  expect(started.stdout).toContain('scratch') // it came to its end
})

// How a program ends must not depend on how it was started: which of the two it is depends on what else is running.
test.for([
  ['a finalizer that ends the process', 'import os\nclass A:\n  def __del__(self): os._exit(7)\nx = A()\nassert False'],
  [
    'finalizers in cycles and in modules',
    'import os, sys\nclass A:\n  def __init__(self, n): self.n, self.me = n, self\n  def __del__(self): os.write(1, self.n)\nos.a, sys.b, x = A(b"1"), A(b"2"), A(b"3")\ndef f(): return x',
  ],
  [
    'exit handlers',
    'import atexit, sys\natexit.register(print, "later")\natexit.register(sys.exit, 3)\nprint("now")\nsys.exit("said")',
  ],
  ['an exit inside an exit handler', 'import atexit, os\natexit.register(os._exit, 5)\nraise SystemExit(2)'],
  [
    'a thread that goes on',
    'import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()\nprint("main")',
  ],
  ['a thread that fails', 'import threading\nthreading.Thread(target=lambda: 1 / 0).start()'],
  ['an interrupt of its own', 'import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nprint("no")'],
  ['a signal that ends it', 'import os\nos.kill(os.getpid(), 15)'],
  ['an abort', 'import os\nos.abort()'],
  ['a stack that never ends', 'def f(): return f()\nf()'],
  ['closed streams', 'import sys\nsys.stdout.close()\nsys.stderr.close()'],
  ['output that nobody flushed', 'import sys\nsys.stdout.write("kept")\nsys.stderr.write("said")'],
  ['a child by fork', 'import os\npid = os.fork()\nif pid: os.wait()\nprint("child" if pid == 0 else "parent", flush=True)'],
  [
    'children by multiprocessing',
    'from multiprocessing import get_context\ndef f(x): return x * x\nif __name__ == "__main__":\n  with get_context("fork").Pool(2) as pool: print(pool.map(f, range(5)))',
  ],
  [
    'the source of its own',
    'import inspect, sys\ndef f(): pass\nprint(inspect.getsource(f), inspect.stack()[0].filename, len(inspect.stack()))',
  ],
  ['random numbers from a seed, and a set of words', 'import random\nrandom.seed(5)\nprint(random.random(), {"a", "b", "c"})'],
  ['a syntax error', 'print("é")\ndef ('],
  ['another encoding', '# coding: latin-1\nprint(len("\u00e9"))'],
  [
    'imports of many modules',
    'import json, re, ctypes, struct, collections, typing, dataclasses, decimal, asyncio, unittest, datetime, traceback\nprint(asyncio.run(asyncio.sleep(0, 5)))',
  ],
] as const)('%s: ends the same, started or forked', async ([, source]) => {
  const seen = async (tried: Tried) => {
    const { exitCode, signal, reason, stdout, stderr } = await run(tried, source)
    return { exitCode, signal, reason, stdout, stderr }
  }
  expect(await seen(forked)).toEqual(await seen(cold))
})

test('a run with a variable or a file name of its own starts cold, for the server outlives it', async () => {
  const { language } = forked.python
  const spec = (values: { entry: string }, env: Record<string, string>) =>
    runSpec({ runtime: forked.python, stage: language.run, values, args: [], env, limits, stdin: new Uint8Array() }).forkServer
  expect(spec({ entry: 'main.py' }, {})).toBeDefined()
  expect(spec({ entry: 'main.py' }, language.liveEnv)).toBeDefined()
  expect(spec({ entry: 'mine.py' }, {})).toBeUndefined()
  expect(spec({ entry: 'main.py' }, { TOKEN: 'mine' })).toBeUndefined()
})

test('a run learns nothing of where on the host we lie', async () => {
  const { stdout } = await run(forked, 'print(open("/proc/self/mountinfo").read(), open("/proc/self/maps").read())')
  expect(stdout).toContain('/usr/lib')
  for (const path of [join(import.meta.dirname, '../../../languages'), forked.stateDir]) expect(stdout).not.toContain(path)
})

test('a run finds no file of the run before it', async () => {
  await run(forked, 'import os\nfor d in ("/tmp", "/dev/shm", "."): open(d + "/left", "w").close()')
  const look = 'import os\nprint([d for d in ("/tmp", "/dev/shm", ".") if "left" in os.listdir(d)])'
  expect(await run(forked, look)).toMatchObject({ stdout: '[]\n', stderr: '' })
})

// Looked at from outside, which only root may: the server refuses to be looked at by its own user.
test.runIf(process.geteuid?.() === 0)(
  'the server itself has read nothing of its runs: source, input, output, arguments',
  async () => {
    const secret = randomUUID()
    const half = secret.slice(0, 18)
    const ran = await run(forked, `a, b = "${half}", "${secret.slice(18)}"\nprint(a + b)`)
    expect(ran.stdout).toBe(`${secret}\n`)
    const servers = serversOf(1_650_200_000)
    expect(servers).toHaveLength(1)
    for (const pid of servers) {
      const seen = memoryOf(pid)
      expect(seen.includes('sitecustomize')).toBe(true) // it was its memory that was read
      expect(seen.includes(half)).toBe(false)
    }
  },
)

test.for([
  [
    'kills everything that it can reach',
    'import os, signal\nfor pid in (1, -1):\n  for s in (2, 15, 19, 9):\n    try: os.kill(pid, s)\n    except OSError: pass\nprint("here")',
    {},
  ],
  ['is out of memory', 'x = bytearray(1 << 30)', {}],
  ['forks until it is refused', 'import os\nwhile True: os.fork()', { wallMs: 1_000 }],
  ['sleeps past its time', 'import time\ntime.sleep(60)', { wallMs: 200 }],
  ['floods its output', 'while True: print("x" * 10000)', {}],
  ['leaves a daemon', 'import os, time\nif os.fork() == 0:\n  os.setsid()\n  time.sleep(60)', {}],
  ['interrupts the guard again and again', 'import os\nfor _ in range(1000): os.kill(1, 2)\nprint("here")', {}],
] as const)('after a program that %s the next one is unharmed, and its usage is its own', async ([, source, bounds]) => {
  await run(forked, source, bounds)
  const next = await run(forked, 'print("fine")')
  expect(next).toMatchObject({ stdout: 'fine\n', exitCode: 0, reason: 'exited' })
  expect(next.usage.processesPeak).toBe(1)
  expect(next.usage.memoryPeakBytes).toBeLessThan(32 * mebibyte)
})

test('a memory limit is about what the program takes, not about what its interpreter had already loaded', async () => {
  const taking = (bytes: number) => `x = bytearray(${bytes})\nprint(len(x))`
  for (const engine of [cold, forked]) {
    expect((await run(engine, taking(100 * mebibyte))).reason).toBe('exited')
    expect((await run(engine, taking(140 * mebibyte))).reason).toBe('memory')
  }
})

test('only runs that keep coming are worth a server', () => {
  let nowMs = 0
  const demand = createDemand(() => nowMs)
  expect(demand.isWanted('a')).toBe(false)
  expect(demand.isWanted('b')).toBe(false)
  expect(demand.isWanted('a')).toBe(true)
  nowMs += 60_001
  expect(demand.isWanted('a')).toBe(false)
  expect(demand.isWanted('a')).toBe(true)
  demand.forget('a')
  expect(demand.isWanted('a')).toBe(false)
})

const serversOf = (uid: number) =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && /^\/usr\S*python/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1')) && uidOf(pid) === uid
    } catch {
      return false // ended while we looked
    }
  })
const uidOf = (pid: string) => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1])

/** What a process has written to of its own memory. */
function memoryOf(pid: string): Buffer {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    const spans = readFileSync(`/proc/${pid}/maps`, 'latin1').matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)
    return Buffer.concat(
      [...spans].map(([, from = '', to = '']) => {
        const held = Buffer.alloc(Number(`0x${to}`) - Number(`0x${from}`))
        readSync(memory, held, 0, held.length, Number(`0x${from}`))
        return held
      }),
    )
  } finally {
    closeSync(memory)
  }
}
