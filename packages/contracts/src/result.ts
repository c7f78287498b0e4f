/** How one process tree ended, and what the verdict was made with. */
import { z } from 'zod'
import { isolations } from './isolation.ts'
import { verdicts } from './verdict.ts'

export const reasons = [
  'exited',
  'signalled',
  'wall_time',
  'cpu_time',
  'memory',
  'output',
  'disk',
  'processes',
  'violation',
  'cancelled',
] as const

export const runResult = z.object({
  exitCode: z.int().nullable(),
  signal: z.string().nullable().meta({ description: 'As the kernel gave it, for example SIGSEGV.' }),
  reason: z.enum(reasons),
  usage: z.object({
    wallMs: z.number(),
    cpuUserMs: z.number(),
    cpuSystemMs: z.number(),
    memoryPeakBytes: z.int().nullable(),
    processesPeak: z.int().nullable(),
    stdoutBytes: z.int(),
    stderrBytes: z.int(),
  }),
  cut: z
    .object({
      stdout: z.object({ headBytes: z.int(), omittedBytes: z.int() }).nullable(),
      stderr: z.object({ headBytes: z.int(), omittedBytes: z.int() }).nullable(),
    })
    .meta({ description: 'Per stream: null, or what was left out after the head; the tail follows it.' }),
})
export type RunResult = z.infer<typeof runResult>

export const environment = z
  .object({
    engine: z.string(),
    engineVersion: z.string(),
    isolation: z.enum(isolations),
    mechanisms: z.record(z.string(), z.string()).meta({ description: 'Which mechanism enforced which limit.' }),
    runtime: z.string(),
    runtimeVersion: z.string(),
    kernel: z.string(),
    cpuModel: z.string(),
    loadAverage: z.number(),
  })
  .meta({ description: 'What the verdict was made with.' })

export const testResult = z.object({
  name: z.string(),
  verdict: z.enum(verdicts),
  weight: z.number(),
  result: runResult.nullable(),
})
