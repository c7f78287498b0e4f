import { type LimitName, type Limits, limitNames, type SubmitEvaluation } from '@crucible/contracts'
import { examplesOf } from './examples/index.ts'

/** The form as the screen has it; `toSubmission` makes of it what the API takes. */
export type TestDraft = { readonly id: number; readonly stdin: string; readonly expected: string }
export type LimitDrafts = Readonly<Partial<Record<LimitName, number>>>
export type Draft = {
  readonly language: string
  /** One text per language: switching to look at another must not cost what one has written. */
  readonly code: Readonly<Record<string, string>>
  readonly stdin: string
  readonly args: string
  readonly tests: readonly TestDraft[]
  /** In the units of the screen; a limit that is absent is left to the organization's default. */
  readonly limits: LimitDrafts
}

export const emptyDraft: Draft = { language: 'python', code: {}, stdin: '', args: '', tests: [], limits: {} }

export const codeOf = (draft: Draft) => draft.code[draft.language] ?? examplesOf(draft.language)[0]?.code ?? ''

/** How each limit is asked for: nobody counts a memory in bytes. */
export const limitUnits: Readonly<Record<LimitName, { readonly word: string; readonly unit: string; readonly size: number }>> = {
  wallMs: { word: 'Wall time', unit: 's', size: 1000 },
  cpuMs: { word: 'CPU time', unit: 's', size: 1000 },
  memoryBytes: { word: 'Memory', unit: 'MiB', size: 1024 ** 2 },
  processes: { word: 'Processes', unit: '', size: 1 },
  outputBytes: { word: 'Output', unit: 'KiB', size: 1024 },
  diskBytes: { word: 'Disk', unit: 'MiB', size: 1024 ** 2 },
}

export function toSubmission(draft: Draft): SubmitEvaluation {
  const limits: Partial<Limits> = {}
  for (const name of limitNames) {
    const value = draft.limits[name]
    if (value !== undefined) limits[name] = Math.round(value * limitUnits[name].size)
  }
  return {
    language: draft.language,
    code: codeOf(draft),
    stdin: draft.stdin,
    // One argument a line, blanks and all: no shell will split or expand them either.
    args: draft.args === '' ? [] : draft.args.replace(/\n$/, '').split('\n'),
    limits,
    tests: draft.tests.map((test) => ({ kind: 'stdio', stdin: test.stdin, expectedStdout: test.expected })),
  }
}
