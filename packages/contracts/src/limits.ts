import { z } from 'zod'

const MiB = 1024 * 1024

/** What one run may use. An organization may change defaults and maxima; these are the product's. */
export const limitDefaults = {
  wallMs: 10_000,
  cpuMs: 10_000,
  memoryBytes: 512 * MiB,
  processes: 64,
  outputBytes: 1 * MiB,
  diskBytes: 64 * MiB,
} as const
export const limitMaxima = {
  wallMs: 300_000,
  cpuMs: 300_000,
  memoryBytes: 4096 * MiB,
  processes: 512,
  outputBytes: 64 * MiB,
  diskBytes: 1024 * MiB,
} as const
/** Below these no runtime starts, so that the answer would say nothing about the program. */
export const limitMinima = {
  wallMs: 10,
  cpuMs: 10,
  memoryBytes: 4 * MiB,
  processes: 1,
  outputBytes: 1,
  diskBytes: 64 * 1024,
} as const

export type LimitName = keyof typeof limitDefaults
export const limitNames = Object.keys(limitDefaults) as LimitName[] // the keys of the literal above

const limit = (name: LimitName, description: string) =>
  z
    .int()
    .min(limitMinima[name])
    .meta({ description: `${description} Default ${limitDefaults[name]}, at most ${limitMaxima[name]}.` })

export const limits = z.strictObject({
  wallMs: limit('wallMs', 'Wall-clock time of one run, in milliseconds.'),
  cpuMs: limit('cpuMs', 'CPU time of the whole process tree of one run, in milliseconds.'),
  memoryBytes: limit('memoryBytes', 'Memory of all processes of one run together, in bytes.'),
  processes: limit('processes', 'Processes and threads of one run at any moment.'),
  outputBytes: limit('outputBytes', 'Both output streams of one run together, in bytes.'),
  diskBytes: limit('diskBytes', 'The work directory, in bytes.'),
})
export type Limits = z.infer<typeof limits>
