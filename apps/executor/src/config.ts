/** The executor's settings. Flags and nothing else: it is started with an empty environment, and stays that way. */
import { availableParallelism } from 'node:os'
import { isAbsolute } from 'node:path'
import { parseArgs } from 'node:util'
import { type EngineSettings, engineNames, engines } from '@crucible/sandbox'
import { z } from 'zod'

const integer = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, 'is no whole number')
    .transform(Number)
    .pipe(z.number().min(from).max(to))
const path = z.string().refine(isAbsolute, 'is no absolute path')
const owner = z
  .string()
  .regex(/^\d{1,10}(:\d{1,10})?$/, 'is no UID or UID:GID')
  .transform((text) => {
    const [uid = 0, gid = uid] = text.split(':').map(Number)
    return { uid, gid }
  })
const address = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'is no HOST:PORT')
  .transform((text) => {
    const at = text.lastIndexOf(':')
    return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
  })

const own = z.strictObject({
  socket: path.optional(), // listen on a unix socket with mode 0600
  'socket-owner': owner.optional(), // who may connect to it, when that is somebody else
  listen: address.optional(), // or on TCP, where only the token protects
  'token-file': path,
  state: path, // a private directory; one executor at a time
  slots: integer(1, 1024).default(availableParallelism()),
  engine: z.enum(engineNames).default(engineNames[0]),
  'allow-unsafe-engine': z.boolean().default(false),
  'log-level': z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  'uid-base': integer(1000, 4_000_000_000).optional(), // as root: the first of `slots` free user ids
})
/** What the engines read besides: `--engine-flag value`, each refused beside an engine that does not read it. */
const settingsOf = new Map(engines.flatMap(({ name, settings }) => Object.keys(settings).map((flag) => [flag, name] as const)))
const flags = own
  .extend(Object.fromEntries([...settingsOf.keys()].map((flag) => [flag, z.string().min(1).optional()])))
  .refine((given) => (given.socket === undefined) !== (given.listen === undefined), 'give either --socket or --listen')

export type ExecutorConfig = z.infer<typeof own> & { readonly settings: EngineSettings }

/** Throws one sentence that names every odd flag. */
export function readConfig(argv: readonly string[]): ExecutorConfig {
  const options = Object.fromEntries(
    Object.keys(flags.shape).map((name) => [name, { type: name === 'allow-unsafe-engine' ? 'boolean' : 'string' } as const]),
  )
  const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false })
  const parsed = flags.safeParse(values)
  if (!parsed.success) {
    throw new Error(
      parsed.error.issues.map((issue) => `${issue.path.map((name) => `--${String(name)} `).join('')}${issue.message}`).join('; '),
    )
  }
  const settings: Record<string, string> = {}
  for (const [flag, engine] of settingsOf) {
    const value = values[flag]
    if (typeof value !== 'string') continue
    if (engine !== parsed.data.engine) throw new Error(`--${flag} is read by the engine ${engine} alone`)
    settings[flag] = value
  }
  return { ...own.parse(Object.fromEntries(Object.entries(values).filter(([name]) => name in own.shape))), settings }
}
