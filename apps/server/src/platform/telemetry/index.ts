import { type Logger, pino } from 'pino'
import { serializeError } from './errors.ts'
import type { LogLevel } from './levels.ts'

export type { LogLevel } from './levels.ts'
export type Log = Logger

/** One JSON object a line on stderr, so that stdout stays for what a person asked for. Credentials are never written. */
export const createLog = (role: string, level: LogLevel): Log =>
  pino(
    {
      level,
      base: { role },
      redact: ['req.headers.authorization', '*.authorization', '*.password', '*.apiKey', '*.databaseUrl'],
      serializers: { err: (error) => serializeError(error), error: (error) => serializeError(error) },
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: false }),
  )
