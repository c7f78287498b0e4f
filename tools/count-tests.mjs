import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from './setup/report.mjs'

/** @typedef {{ status: string, fullName: string }} One @typedef {{ status: string, name: string, message: string, assertionResults: One[] }} File */

// Prints what vitest's JSON report says: each test that was skipped, by name, and as the last line how many passed and failed.
await command(async () => {
  const path = join(import.meta.dirname, '../reports/tests.json')
  /** @type {{ testResults: File[] }} */
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'))
  const tests = testResults.flatMap((file) => file.assertionResults)
  // A file that could not even be loaded holds no test and is one failure.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
  )
  const count = (/** @type {string} */ wanted) => tests.filter(({ status }) => status === wanted).length
  for (const test of tests)
    if (test.status !== 'passed' && test.status !== 'failed') process.stdout.write(`skipped: ${test.fullName}\n`)
  const failed = count('failed') + broken.length
  process.stdout.write(`${count('passed')} passed, ${failed} failed\n`)
  return failed === 0 && count('passed') > 0 ? 0 : 1
})
