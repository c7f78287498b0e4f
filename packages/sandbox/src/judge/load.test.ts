/** A verdict is the program's, whatever else the machine does meanwhile. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Job, Judgement } from '../spec.ts'
import { mebibyte, openTrial, stdio, type Trial, trialLimits } from './trial.ts'

const inFlight = [1, 8, 64] as const
const slots = Math.max(...inFlight)
/** Wall time is no part of what is tested: waiting for a processor must be forgiven, and is. */
const limits = { ...trialLimits, wallMs: 100_000, cpuMs: 1_000, memoryBytes: 64 * mebibyte, outputBytes: 64 * 1024 }
const tests = [stdio('6 7', '42')]

type Program = {
  readonly code: string
  readonly earns: Judgement['verdict']
  readonly reason: string
  readonly more?: Partial<Job>
}
const programs: readonly Program[] = [
  { code: 'read a b; echo $((a * b))', earns: 'accepted', reason: 'exited', more: { tests } },
  { code: 'read a b; echo $((a + b))', earns: 'wrong_answer', reason: 'exited', more: { tests } },
  { code: 'exit 3', earns: 'runtime_error', reason: 'exited' },
  { code: 'kill -SEGV $$', earns: 'runtime_error', reason: 'signalled' },
  // A quarter of the CPU time that it may use: with 64 at once it waits far longer for it than the limit is long.
  { code: 'for ((i = 0; i < 50000; i++)); do :; done', earns: 'accepted', reason: 'exited' },
  { code: 'while :; do :; done', earns: 'time_limit', reason: 'cpu_time', more: { limits: { ...limits, cpuMs: 200 } } },
  {
    code: '(while :; do :; done) & (while :; do :; done) & wait',
    earns: 'time_limit',
    reason: 'cpu_time',
    more: { limits: { ...limits, cpuMs: 200 } },
  },
  { code: 'x=x; while :; do x=$x$x; done', earns: 'memory_limit', reason: 'memory' },
  { code: 'while :; do echo all work and no play; done', earns: 'output_limit', reason: 'output' },
]

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(['bash'], slots, process.getuid?.() === 0 ? 1_690_000_000 : null)
}, 120_000)
afterAll(() => trial.close())

test.each(inFlight)(
  'the same program earns the same verdict for the same reason with %i in flight',
  async (count) => {
    const waiting = Array.from({ length: Math.max(count, programs.length) }, (_, n) => programs[n % programs.length])
    const odd: unknown[] = []
    const work = async () => {
      for (let program = waiting.pop(); program !== undefined; program = waiting.pop()) {
        const { code, earns, reason, more } = program
        const { verdict, run } = await trial.judge({ language: 'bash', code, limits, ...more })
        if (verdict !== earns || run?.reason !== reason) odd.push({ code, verdict, run })
      }
    }
    await Promise.all(Array.from({ length: count }, work))
    expect(odd).toEqual([])
  },
  120_000,
)
