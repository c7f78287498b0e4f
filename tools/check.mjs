import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ensureDependencies } from './setup/dependencies.mjs'
import { productNode } from './setup/node.mjs'
import { runWhereOthersReach } from './setup/reachable.mjs'
import { command, say } from './setup/report.mjs'
import { run } from './setup/run.mjs'

const root = join(import.meta.dirname, '..')
const checkTimeoutMs = 5 * 60_000
/** Where code is. Tests of whole processes, examples and the bench are checked like everything else. */
const folders = ['apps', 'packages', 'bench', 'examples', 'tests', 'tools'].filter((folder) => existsSync(join(root, folder)))
const bin = (/** @type {string} */ path) => join(root, 'node_modules', path)

/** What must hold for every commit, the slowest first so that two cores end together. */
const checks = [
  { name: 'promises', args: [bin('oxlint/bin/oxlint'), '--type-aware', ...folders] },
  { name: 'types', args: [bin('typescript-7/bin/tsc'), '-p', 'tsconfig.json'] },
  { name: 'types of the web app', args: [bin('typescript-7/bin/tsc'), '-p', 'apps/web/tsconfig.json'] },
  { name: 'dead code', args: [bin('knip/bin/knip.js'), '--no-progress'] },
  {
    name: 'import rules',
    args: [bin('dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.mjs', ...folders],
  },
  { name: 'generated files', args: ['--disable-warning=ExperimentalWarning', 'tools/generate.ts', '--check'] },
  { name: 'lint and formatting', args: [bin('@biomejs/biome/bin/biome'), 'check', '.'] },
]

const help = `npm run check [-- name …]

Checks everything that can be checked without running the product, or only the named ones:
${checks.map(({ name }) => `  ${name}`).join('\n')}
`

await command(async () => {
  const asked = process.argv.slice(2)
  if (asked.includes('--help') || asked.includes('-h')) {
    process.stdout.write(help)
    return 0
  }
  const elsewhere = await runWhereOthersReach(root, 'tools/check.mjs')
  if (elsewhere !== undefined) return elsewhere
  await ensureDependencies(root)
  const node = productNode(root)
  const wanted = asked.length === 0 ? checks : checks.filter(({ name }) => asked.includes(name))
  if (wanted.length < asked.length) {
    say(help)
    return 1
  }

  const waiting = [...wanted]
  let failures = 0
  const lane = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const startedAt = performance.now()
      const { ok, output } = await run(node, check.args, { cwd: root, timeoutMs: checkTimeoutMs })
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      say(`${ok ? 'ok    ' : 'FAILED'}  ${check.name} (${seconds} s)${ok ? '' : `\n\n${output}`}`)
      if (!ok) failures++
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  say(failures === 0 ? `All ${wanted.length} checks passed.` : `${failures} of ${wanted.length} checks failed.`)
  return failures === 0 ? 0 : 1
})
