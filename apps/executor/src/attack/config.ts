/** What an attack is started with. Flags alone, as for the executor, whose place it takes on this machine. */
import { parseArgs } from 'node:util'
import { type EngineSettings, engineNames, engines } from '@crucible/sandbox'
import { families } from '@crucible/sandbox/attacks'
import { z } from 'zod'

const slotsMax = 64
const whole = `is a whole number from 1 to ${slotsMax}`
const settingsOf = new Map(engines.flatMap(({ name, settings }) => Object.keys(settings).map((flag) => [flag, name] as const)))

const own = z.strictObject({
  engine: z.enum(engineNames, `is one of ${engineNames.join(', ')}`).default(engineNames[0]),
  family: z.array(z.enum(families, `is one of ${families.join(', ')}`)).default([...families]),
  slots: z.coerce.number(whole).int(whole).min(1, whole).max(slotsMax, whole).default(4), // some attacks take three at once
  'uid-base': z.coerce.number().int().min(1000).max(4_000_000_000).optional(),
  list: z.boolean().default(false),
  controls: z.boolean().default(false),
  'allow-unsafe-engine': z.boolean().default(false),
  /** What this process holds in its arguments, its environment and an open descriptor, for attacks to look for. */
  'runner-secret': z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'are 32 hexadecimal digits')
    .optional(),
  /** It has given up what it could, and its environment holds the secret. */
  settled: z.boolean().default(false),
})

export type AttackConfig = z.infer<typeof own> & { readonly settings: EngineSettings }

/** Whoever called has to call otherwise. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Throws one sentence that names every odd flag. */
export function readAttackConfig(argv: readonly string[]): AttackConfig {
  const switches = new Set(['list', 'controls', 'allow-unsafe-engine', 'settled'])
  const names = [...Object.keys(own.shape), ...settingsOf.keys()]
  const options = Object.fromEntries(
    names.map((name) => [name, { type: switches.has(name) ? 'boolean' : 'string', multiple: name === 'family' } as const]),
  )
  const values = parsed(argv, options)
  const read = own.safeParse(Object.fromEntries(Object.entries(values).filter(([name]) => name in own.shape)))
  if (!read.success)
    throw new UsageError(read.error.issues.map(({ path, message }) => `--${path.map(String).join(' ')} ${message}`).join('; '))
  const settings: Record<string, string> = {}
  for (const [flag, engine] of settingsOf) {
    const value = values[flag]
    if (typeof value !== 'string') continue
    if (engine !== read.data.engine) throw new UsageError(`--${flag} is read by the engine ${engine} alone`)
    settings[flag] = value
  }
  return { ...read.data, settings }
}

function parsed(argv: readonly string[], options: NonNullable<Parameters<typeof parseArgs>[0]>['options']) {
  try {
    return parseArgs({ args: [...argv], options: options ?? {}, strict: true, allowPositionals: false }).values
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
