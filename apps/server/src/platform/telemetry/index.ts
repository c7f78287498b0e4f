import { type Logger, pino } from 'pino'

export type Log = Logger
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** One JSON object a line on stderr, so that stdout stays for what a person asked for. Credentials are never written. */
export const createLog = (role: string, level: LogLevel): Logger =>
  pino(
    {
      level,
      base: { role },
      redact: ['req.headers.authorization', '*.authorization', '*.password', '*.apiKey', '*.databaseUrl'],
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: false }),
  )
