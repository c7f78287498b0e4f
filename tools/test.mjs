import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDependencies } from './setup/dependencies.mjs'
import { productNode } from './setup/node.mjs'
import { requirePlatform } from './setup/platform.mjs'
import { runWhereOthersReach } from './setup/reachable.mjs'
import { allOf, command } from './setup/report.mjs'
import { handOver } from './setup/run.mjs'
import { ensureSystemPackages } from './setup/system-packages.mjs'
import { ensureWeb } from './setup/web.mjs'

const root = join(import.meta.dirname, '..')

const help = `npm test [-- filter … vitest options]

Sets up what is missing and runs every test: with a real PostgreSQL and Redis, the real server, the real sandbox and
a real browser. With arguments it runs the files whose path contains one of them, for example: npm test -- contracts
With CI=true a missing tool is a failure; without it, it is said, and what needs it is skipped.
`

await command(async () => {
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help)
    return 0
  }
  requirePlatform()
  // Beside the checkout as it was cloned, wherever it is about to be mounted.
  process.env.CRUCIBLE_DATASETS ??= join(root, '../shared/data')
  const elsewhere = await runWhereOthersReach(root, 'tools/test.mjs')
  if (elsewhere !== undefined) return elsewhere
  // Without CI a missing tool is said and the tests that need it are skipped by name; with CI nothing may be missing.
  /** @type {Parameters<typeof ensureSystemPackages>[1]} */
  const tools = process.env.CI
    ? { required: ['engine', 'languages', 'browserTests', 'queueTests', 'engineTests', 'exampleTests'], optional: [] }
    : { required: ['engine'], optional: ['languages', 'browserTests', 'queueTests', 'engineTests', 'exampleTests'] }
  await allOf([ensureDependencies(root), ensureSystemPackages(root, tools)])
  const node = productNode(root)
  if (existsSync(join(root, 'apps/web/index.html'))) await ensureWeb(root, node)
  return handOver(node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args], { cwd: root })
})
