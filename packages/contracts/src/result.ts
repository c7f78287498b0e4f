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
    ioReadBytes: z.int().nullable().default(null).meta({ description: 'From disks; null: not counted there.' }),
    ioWriteBytes: z.int().nullable().default(null),
    stdoutBytes: z.int(),
    stderrBytes: z.int(),
  }),
  cut: z
    .object({
      stdout: z.object({ headBytes: z.int(), omittedBytes: z.int() }).nullable(),
      stderr: z.object({ headBytes: z.int(), omittedBytes: z.int() }).nullable(),
    })
    .meta({ description: 'Per stream: null, or what was left out after the head; the tail follows it.' }),
  start: z
    .enum(['cold', 'forked'])
    .default('cold')
    .meta({ description: 'Whether its interpreter was started for it, or had been loaded ahead and forked into it.' }),
})
export type RunResult = z.infer<typeof runResult>

const hostReading = z.object({
  loadAverage: z.number().meta({ description: 'Of the last minute.' }),
  stealMs: z
    .number()
    .nullable()
    .meta({ description: 'Since boot, of all processors: the difference is what was taken meanwhile.' }),
})

export const environment = z
  .object({
    engine: z.string(),
    engineVersion: z.string(),
    isolation: z.enum(isolations),
    mechanisms: z.record(z.string(), z.string()).meta({ description: 'Which mechanism enforced which limit.' }),
    runtime: z.string(),
    runtimeVersion: z.string(),
    imageDigest: z.string().nullable().default(null).meta({ description: 'Null: it ran on the files of the machine.' }),
    kernel: z.string(),
    cpuModel: z.string(),
    limits: z
      .record(z.string(), z.number())
      .nullable()
      .default(null)
      .meta({ description: 'At which a run is stopped: what was granted, and what the runtime takes for itself.' }),
    reservation: z
      .object({ slots: z.int(), ofSlots: z.int() })
      .nullable()
      .default(null)
      .meta({ description: 'What was set aside, whatever it used: slots of its executor, and neither memory nor processors.' }),
    variables: z
      .record(z.string(), z.string())
      .nullable()
      .default(null)
      .meta({ description: 'What the sandbox sets in the environment: time zone, locale, hash seed; the caller’s come on top.' }),
    hostAtStart: hostReading.nullable().default(null),
    hostAtEnd: hostReading.nullable().default(null),
  })
  .meta({ description: 'What the verdict was made with; null is what was not known.' })

export const testResult = z.object({
  name: z.string(),
  verdict: z.enum(verdicts),
  weight: z.number(),
  result: runResult.nullable(),
})
