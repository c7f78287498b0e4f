/** What can share one sandbox. */
import type { Runtime } from '../languages/runtime.ts'
import type { Job, Test } from '../spec.ts'

export type IndexedTest = { readonly index: number; readonly test: Test }
/** One sandbox: built once, run for each of its tests (or once, when the job has none). `code` is compiled in. */
export type Unit = { readonly code: string | null; readonly tests: readonly IndexedTest[] }

/**
 * Interpreted: all in one. Compiled: hidden code becomes part of a binary, so each such test is built in a sandbox
 * of its own, where no other test's program could read it. Order of the tests is kept within and between units.
 */
export function units(job: Job, runtime: Runtime): readonly Unit[] {
  const indexed = job.tests.map((test, index) => ({ index, test }))
  if (runtime.language.harness?.compile == null) return [{ code: null, tests: indexed }]
  const planned: { code: string | null; tests: IndexedTest[] }[] = []
  for (const each of indexed) {
    const last = planned.at(-1)
    if (each.test.kind === 'harness') planned.push({ code: each.test.code, tests: [each] })
    else if (last !== undefined && last.code === null) last.tests.push(each)
    else planned.push({ code: null, tests: [each] })
  }
  return planned.length === 0 ? [{ code: null, tests: [] }] : planned
}
