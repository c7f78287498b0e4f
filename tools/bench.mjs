import { join } from 'node:path'
import { ensureDependencies } from './setup/dependencies.mjs'
import { productNode } from './setup/node.mjs'
import { requirePlatform } from './setup/platform.mjs'
import { runWhereOthersReach } from './setup/reachable.mjs'
import { allOf, command } from './setup/report.mjs'
import { handOver } from './setup/run.mjs'
import { ensureSystemPackages } from './setup/system-packages.mjs'

const root = join(import.meta.dirname, '..')

await command(async () => {
  requirePlatform()
  const elsewhere = await runWhereOthersReach(root, 'tools/bench.mjs')
  if (elsewhere !== undefined) return elsewhere
  await allOf([ensureDependencies(root), ensureSystemPackages(root, { required: ['engine'], optional: [] })])
  const node = productNode(root)
  return handOver(node, ['--disable-warning=ExperimentalWarning', 'bench/main.ts', ...process.argv.slice(2)], { cwd: root })
})
