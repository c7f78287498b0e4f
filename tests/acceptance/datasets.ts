import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** Where the public benchmarks lie: beside the repository, never in it. */
export const datasets = process.env['CRUCIBLE_DATASETS'] ?? resolve(root, '../shared/data')

/**
 * Whether they are there. On a developer's machine their absence is said and the tests that need them are left out;
 * in CI it is a failure, because a benchmark that nobody ran proves nothing.
 */
export function haveDatasets(): boolean {
  if (existsSync(join(datasets, 'expected-verdicts.json'))) return true
  const sentence = `No benchmarks in ${datasets}; set CRUCIBLE_DATASETS to their folder.`
  if (process.env['CI'] === 'true') throw new Error(sentence)
  process.stderr.write(`${sentence} The acceptance tests are left out.\n`)
  return false
}
