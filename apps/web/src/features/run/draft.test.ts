import { submitEvaluation } from '@crucible/contracts'
import { expect, test } from 'vitest'
import { codeOf, type Draft, emptyDraft, toSubmission } from './draft.ts'
import { loadDraft, saveDraft } from './draft-storage.ts'
import { examplesOf } from './examples/index.ts'

const full: Draft = {
  language: 'c',
  code: { c: 'int main;', python: 'print()' },
  stdin: 'in',
  args: 'two words\n\n--x\n',
  tests: [{ id: 1, stdin: '1', expected: '2' }],
  limits: { wallMs: 2.5, memoryBytes: 64, outputBytes: 0.5 },
}

/** What the screen needs of the browser's storage. */
function memoryStorage(): Storage {
  const kept = new Map<string, string>()
  return {
    length: 0,
    clear: () => kept.clear(),
    key: () => null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => void kept.set(name, text),
    removeItem: (name) => void kept.delete(name),
  }
}

test('what the form becomes is what the API takes', () => {
  expect(submitEvaluation.safeParse(toSubmission(full)).success).toBe(true)
  expect(submitEvaluation.safeParse(toSubmission(emptyDraft)).success).toBe(true)
})

test('units of the screen become units of the API; an empty limit is left to the default', () => {
  expect(toSubmission(full).limits).toEqual({ wallMs: 2500, memoryBytes: 64 * 1024 * 1024, outputBytes: 512 })
})

test('an argument is a line, blanks and empty lines included', () => {
  expect(toSubmission(full).args).toEqual(['two words', '', '--x'])
  expect(toSubmission(emptyDraft).args).toEqual([])
})

test('a language that was never touched starts with its first example', () => {
  expect(codeOf(emptyDraft)).toBe(examplesOf('python')[0]?.code)
  expect(codeOf({ ...emptyDraft, language: 'cobol' })).toBe('')
})

test('a draft survives a reload', () => {
  const storage = memoryStorage()
  saveDraft(storage, full)
  expect(loadDraft(storage)).toEqual(full)
})

test('a stored draft that is none is started anew', () => {
  const storage = memoryStorage()
  for (const broken of [
    '{',
    'null',
    '[]',
    '{"language":1}',
    '{"language":"c","code":{},"stdin":"","args":"","tests":[1],"limits":{}}',
  ]) {
    storage.setItem('crucible.draft', broken)
    expect(loadDraft(storage)).toBe(emptyDraft)
  }
})
