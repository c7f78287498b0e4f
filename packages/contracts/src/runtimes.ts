import { z } from 'zod'

export const runtime = z.object({
  name: z.string().meta({ examples: ['python@3.11'] }),
  language: z.string(),
  version: z.string(),
  title: z.string(),
  toolVersion: z.string().meta({ description: 'What the tool itself prints.' }),
  aliases: z.array(z.string()),
  extension: z.string(),
  entry: z.string(),
  isCompiled: z.boolean(),
  hasHarness: z.boolean(),
})
export type Runtime = z.infer<typeof runtime>

const finding = z.object({ level: z.enum(['ok', 'warning', 'error']), text: z.string(), remedy: z.string().nullable() })

const engine = z.object({
  name: z.string(),
  isolation: z.string(),
  summary: z.string(),
  obstacle: z
    .object({ reason: z.string(), remedy: z.string() })
    .nullable()
    .meta({ description: 'Why this engine cannot be used on the machine of the executor, and what mends it.' }),
})

/** What the executors can do now: the answer to `crucible doctor` and to "why is Java not listed?". */
export const runtimeList = z.object({
  data: z.array(runtime),
  unavailable: z.array(z.object({ language: z.string(), reason: z.string(), remedy: z.string() })),
  executors: z.array(
    z.object({
      name: z.string(),
      engine: z.string(),
      engineVersion: z.string(),
      isolation: z.string(),
      mechanisms: z.record(z.string(), z.string()),
      slots: z.int(),
      busy: z.int(),
      findings: z.array(finding),
      cannot: z.array(z.string()).meta({ description: 'What this engine does not stop, enforce or measure.' }),
      engines: z.array(engine),
    }),
  ),
})
export type RuntimeList = z.infer<typeof runtimeList>
