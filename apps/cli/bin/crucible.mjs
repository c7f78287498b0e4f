#!/usr/bin/env node
// Runs the CLI on a Node that reads TypeScript. On an older one (20 is what Debian and CI images ship) it starts
// the Node 24 that the installation brought along, with the same terminal, arguments, signals and exit code.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const bundled = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url))
const main = new URL('../src/main.ts', import.meta.url)
const major = Number(process.versions.node.split('.')[0])

if (major >= 24) {
  await import(main.href)
} else if (existsSync(bundled)) {
  const child = spawn(bundled, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C reaches the child from the terminal; this process only waits for what it makes of it.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => child.kill('SIGHUP'))
  child.on('error', (error) => {
    process.stderr.write(`crucible: cannot start ${bundled}: ${error.message}\n`)
    process.exitCode = 125
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
  })
} else {
  process.stderr.write(
    `crucible: this is Node ${process.versions.node}; Crucible needs 24. Run \`npm install\` in its folder, which brings one along.\n`,
  )
  process.exitCode = 125
}
