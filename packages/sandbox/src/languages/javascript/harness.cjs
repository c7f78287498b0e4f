// @ts-nocheck: written for the Node that runs inside the sandbox, on its internals.
/**
 * Runs submission and hidden code as two scripts that share one global scope (so `const` of the first is seen by the
 * second, and an open comment in the first cannot swallow the second), and reports the nonce only when the event loop
 * comes to its natural end. `process.exit`, a failed `console.assert` and an error that somebody swallowed report nothing.
 */
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')
const nodeModule = require('node:module')
const { inspect, getCallSites } = require('node:util')

const given = fs.readFileSync(3)
fs.closeSync(3)
const end = given.lastIndexOf(0)
const code = given.toString('utf8', 0, end)
const nonce = given.subarray(end + 1)
const { writeSync } = fs
const reallyExit = process.reallyExit.bind(process)
const exit = process.exit.bind(process)

const entry = path.resolve(process.argv[2])
process.argv.splice(1, 2, entry)
const typescript = /\.[cm]?ts$/.test(entry)

let begun = false // both scripts have run to their last line
let failed = false

lock(process, 'reallyExit', (status) => {
  failed = true
  reallyExit(status ?? process.exitCode ?? 0)
})
// Capturing here, and for good, is what makes an error count even when the submission listens for it and shrugs.
process.setUncaughtExceptionCaptureCallback((error) => {
  failed = true
  writeSync(2, `${inspect(error)}\n`)
  exit(1)
})
lock(process, 'setUncaughtExceptionCaptureCallback', () => {})
const assert = console.assert.bind(console)
lock(console, 'assert', (condition, ...rest) => {
  if (!condition) failed = true
  assert(condition, ...rest)
})
// By these a hidden program compares. Its own name for a module is the sign that it uses one: loading it takes milliseconds.
const comparing = [JSON, Math, Number, Object, Reflect]
if (/['"](?:node:)?assert(?:\/strict)?['"]/.test(code)) comparing.push(require('node:assert'), require('node:assert').strict)
if (/['"](?:node:)?util['"]/.test(code)) comparing.push(require('node:util'))
for (const object of comparing) lockAll(object)
// Not configurable, so that not even a `const console` of the submission stands in front of it.
for (const name of ['console', 'JSON', 'Math', 'Number', 'Object', 'Reflect']) lock(globalThis, name, globalThis[name])

// Emitted by Node when nothing is left to do. Two frames, this one and `emit`, mean that no program text emitted it.
process.on('beforeExit', () => {
  const natural = getCallSites(8).length === 2
  if (natural && begun && !failed && !process.exitCode) {
    begun = false
    writeSync(4, nonce)
  }
})

const submissionModule = new nodeModule.Module(entry, null)
submissionModule.filename = entry
submissionModule.paths = nodeModule._nodeModulePaths(path.dirname(entry))
const scope = {
  require: nodeModule.createRequire(entry),
  module: submissionModule,
  exports: submissionModule.exports,
  __filename: entry,
  __dirname: path.dirname(entry),
}
for (const [name, value] of Object.entries(scope)) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
}

const submission = new vm.Script(javascript(fs.readFileSync(entry, 'utf8')), { filename: entry, importModuleDynamically })
const hidden = new vm.Script(javascript(code), { filename: 'test', importModuleDynamically })
submission.runInThisContext()
hidden.runInThisContext()
begun = true

function importModuleDynamically(specifier) {
  return import(specifier.startsWith('.') ? path.resolve(path.dirname(entry), specifier) : specifier)
}

function javascript(source) {
  const text = source.replace(/^#!.*/, '')
  return typescript ? nodeModule.stripTypeScriptTypes(text, { mode: 'transform' }) : text
}

function lock(object, name, value) {
  Object.defineProperty(object, name, { value, writable: false, configurable: false, enumerable: true })
}

/** Later additions are allowed; what is there stays as it is. */
function lockAll(object) {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
    if ('value' in property && property.configurable) lock(object, name, property.value)
  }
}
