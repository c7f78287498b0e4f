/**
 * How cheats are written. A wrong submission is judged by a hidden program and wants a pass for it. Its control is the judge
 * as one would write it at first, which takes it: submission and hidden program are one file, and exit code 0 is a pass.
 */
import type { Test } from '../../../spec.ts'
import type { Attack, Control, Program } from '../../attack.ts'

export const harness = (code: string): Test => ({ kind: 'harness', name: 'hidden', code, weight: 1 })

export const stdio = (stdin: string, expectedStdout: string, checker: 'exact' | 'float' = 'exact'): Test => ({
  kind: 'stdio',
  name: 'hidden',
  stdin,
  expectedStdout,
  checker,
  epsilon: 1e-6,
  args: [],
  weight: 1,
})

export const earnsNothing = { earnsNothing: true } as const

/** On the engine, because isolation decides nothing here: with a careless judge the same sandbox lets it pass. */
export const careless = (instead: Partial<Program>, earned = 1): Control => ({
  on: 'engine',
  with: instead,
  shows: `it earned ${earned} `,
})

type Cheat = readonly [id: string, tries: string, source: string, more?: Partial<Attack>]

/** `hidden` ends with a comment, so that an open comment of a submission can swallow it. */
export function cheatsOn(language: string, hidden: string, list: readonly Cheat[]): readonly Attack[] {
  return list.map(([id, tries, source, more]) => ({
    id: `${language}-${id}`,
    tries,
    language,
    source,
    tests: [harness(hidden)],
    stopped: earnsNothing,
    control: careless({ source: `${source}\n${hidden}`, tests: [] }),
    ...more,
  }))
}

/** The careless judge of those that print what a judge might print: a word is a pass. */
export const takenAtItsWord = (source: string) => ({ control: careless({ source, tests: [stdio('', 'PASSED\n')] }) })
