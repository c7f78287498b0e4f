import { ConfigError, type RoleName, readProcess } from './config.ts'

const help = `Usage: node apps/server/src/main.ts [role]

  all       everything on this machine: PostgreSQL, server and executor (what npm start runs; the default)
  serve     api and worker in one process, migrated first
  api       answers HTTP; as many as you like
  worker    takes evaluations from the queue and drives executors; as many as you like
  migrate   brings the database to this version, makes the first administrator, and ends

Settings are environment variables: docs/configuration.md lists them. Every role but all needs DATABASE_URL.
`

/** Each role is loaded only when it runs: the process that supervises the others stays small. */
const start: Record<RoleName, () => Promise<number>> = {
  all: async () => (await import('./roles/all/index.ts')).runAll(config),
  serve: async () => (await import('./roles/serve.ts')).runServe(config),
  api: async () => (await import('./roles/api.ts')).runApi(config),
  worker: async () => (await import('./roles/worker.ts')).runWorker(config),
  migrate: async () => (await import('./roles/migrate.ts')).runMigrate(config),
}

function read() {
  try {
    return readProcess()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.sentences.join('\n')}\n`)
    process.exit(1)
  }
}

const config = read()
if (config.role === 'help') process.stdout.write(help)
else {
  const { role } = config
  const code = await start[role]().catch((error: unknown) => {
    process.stderr.write(`Crucible (${role}) cannot go on: ${error instanceof Error ? error.message : String(error)}\n`)
    if (config.settings.CRUCIBLE_LOG_LEVEL === 'debug' || config.settings.CRUCIBLE_LOG_LEVEL === 'trace') console.error(error)
    return 1
  })
  process.exit(code)
}
