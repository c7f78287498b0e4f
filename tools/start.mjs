import { join } from 'node:path'
import { ensureDependencies } from './setup/dependencies.mjs'
import { productNode } from './setup/node.mjs'
import { requirePlatform } from './setup/platform.mjs'
import { allOf, command } from './setup/report.mjs'
import { handOver } from './setup/run.mjs'
import { ensureSystemPackages } from './setup/system-packages.mjs'
import { ensureWeb } from './setup/web.mjs'

const root = join(import.meta.dirname, '..')

const help = `npm start

Sets up what is missing and runs all of Crucible on this machine: PostgreSQL, the API, the web app, a worker and an
executor. Stop it with Ctrl-C; the data stays.

  PORT=3000                   where it listens
  HOST=127.0.0.1              on which address
  CRUCIBLE_DATA_DIR=./data    where the database and the first administrator's key are kept
  DATABASE_URL=postgres://…   use this PostgreSQL instead of the embedded one

All settings: docs/configuration.md. When something is missing on the machine, it says what and the command that mends it.
`

await command(async () => {
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help)
    return 0
  }
  requirePlatform()
  await allOf([ensureDependencies(root), ensureSystemPackages(root, { required: ['engine'], optional: ['languages'] })])
  const node = productNode(root)
  await ensureWeb(root, node)
  return handOver(node, ['--disable-warning=ExperimentalWarning', 'apps/server/src/main.ts', 'all', ...args], { cwd: root })
})
