import { bash } from './bash.ts'
import { c } from './c.ts'
import { cpp } from './cpp.ts'
import type { Example } from './example.ts'
import { java } from './java.ts'
import { javascript } from './javascript.ts'
import { python } from './python.ts'
import { typescript } from './typescript.ts'

export type { Example } from './example.ts'

const examples: Readonly<Record<string, readonly Example[]>> = { python, javascript, typescript, bash, c, cpp, java }

/** A language that an operator added has none, and starts empty. */
export const examplesOf = (language: string): readonly Example[] => examples[language] ?? []
