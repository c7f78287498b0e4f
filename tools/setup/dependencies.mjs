import { createHash } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Stop, step } from './report.mjs'
import { run } from './run.mjs'

const installTimeoutMs = 10 * 60_000

/**
 * Brings node_modules to exactly what the lockfile says. Costs one hash when it is so already.
 * @param {string} root
 */
export async function ensureDependencies(root) {
  const stamp = join(root, 'node_modules/.crucible-lock')
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (readIfPresent(stamp) === wanted) return
  if (!installedByHand(root)) {
    // Not `npm ci`: it refuses a lockfile without the builds for platforms that a registry does not carry, even though it
    // would not install them. With exact pins and --no-save the result is the lockfile's, and the lockfile stays as it is.
    const { ok, output } = await step('Installing the npm dependencies', () => install(root))
    if (!ok) throw new Stop(`${output}\nnpm install failed; mend what it says above and start again.`)
  }
  writeFileSync(stamp, wanted)
}

async function install(/** @type {string} */ root) {
  const options = { cwd: root, env: withoutOwnNode(), timeoutMs: installTimeoutMs }
  // npm asks an unreachable registry three times for each of the many packages, which takes longer than anybody waits.
  const asked = await run('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=20000'], options)
  const obstacle = unreachable.exec(asked.output)
  const { ok, output } = await run(
    'npm',
    ['install', '--loglevel=error', '--no-save', '--no-audit', '--no-fund', ...(obstacle ? ['--offline'] : [])],
    options,
  )
  return { ok, output: obstacle ? `${output}\n${obstacle[0]}: npm cannot reach its registry.` : output }
}

/** No answer at all; a registry that answers, if only that it knows no ping, can be asked for packages. */
const unreachable = /\b(?:EAI_AGAIN|ENOTFOUND|ECONN\w+|E(?:HOST|NET)UNREACH|\w*TIMEDOUT|ERR_SOCKET_TIMEOUT|\w*CERT\w*)\b/

/** npm writes its hidden lockfile last: newer than ours means that somebody has just installed from it. */
function installedByHand(/** @type {string} */ root) {
  const ours = statSync(join(root, 'package-lock.json')).mtimeMs
  const theirs = statSync(join(root, 'node_modules/.package-lock.json'), { throwIfNoEntry: false })?.mtimeMs
  return theirs !== undefined && theirs >= ours
}

/** npm must not run on a Node inside the very folder that it is about to replace. */
function withoutOwnNode() {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('/node_modules/'))
  return { ...process.env, PATH: path.join(delimiter) }
}

function readIfPresent(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // no stamp is the answer of a fresh clone
  }
}
