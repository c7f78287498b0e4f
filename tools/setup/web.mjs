import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Stop, step } from './report.mjs'
import { run } from './run.mjs'

const buildTimeoutMs = 5 * 60_000

/** What the bundle is made from. A change anywhere here makes it stale. */
const sources = ['apps/web', 'packages/contracts/src', 'packages/sdk/src', 'package-lock.json']
const outputs = new Set(['node_modules', 'dist'])

/**
 * Builds the web app when a source is newer or other than at the last build.
 * @param {string} root
 * @param {string} node the Node that runs the build
 */
export async function ensureWeb(root, node) {
  const app = join(root, 'apps/web')
  const stamp = join(app, 'dist/.crucible-build')
  const wanted = fingerprint(root)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const build = () => run(node, [vite, 'build', '--logLevel', 'warn'], { cwd: app, timeoutMs: buildTimeoutMs })
  const { ok, output } = await step('Building the web app', build)
  if (!ok) throw new Stop(`${output}\nThe web app could not be built; the message of vite is above.`)
  writeFileSync(stamp, wanted)
}

/** Path, size and time of every source: a few hundred stats, where hashing the contents would cost most of a second. */
function fingerprint(/** @type {string} */ root) {
  const hash = createHash('sha256')
  const add = (/** @type {string} */ path) => {
    const stat = statSync(path)
    if (!stat.isDirectory()) {
      hash.update(`${relative(root, path)}\0${stat.size}\0${stat.mtimeMs}\n`)
      return
    }
    for (const name of readdirSync(path).sort()) if (!outputs.has(name)) add(join(path, name))
  }
  for (const source of sources) add(join(root, source))
  return hash.digest('hex')
}
