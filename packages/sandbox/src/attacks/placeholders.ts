import type { Program } from './attack.ts'

type Values = Readonly<Record<string, string>>

/** Throws on a name that nothing provides: an attack on "@TCP@" itself would always be stopped. */
export function fill(text: string, values: Values): string {
  return text.replaceAll(/@([A-Z][A-Z0-9]*)@/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`An attack asks for @${name}@, which no decoy of it provides.`)
    return value
  })
}

/** Every text that becomes part of the job; `hidden` are the values that only its tests may have. */
export function fillProgram(program: Program, values: Values, hidden: Values): Program {
  const each = (texts: Values) => Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text, values)]))
  const inTest = (text: string) => fill(text, { ...values, ...hidden })
  return {
    ...program,
    source: fill(program.source, values),
    files: each(program.files ?? {}),
    stdin: fill(program.stdin ?? '', values),
    args: (program.args ?? []).map((text) => fill(text, values)),
    env: each(program.env ?? {}),
    tests: (program.tests ?? []).map((test) =>
      test.kind === 'harness'
        ? { ...test, code: inTest(test.code) }
        : { ...test, stdin: inTest(test.stdin), expectedStdout: inTest(test.expectedStdout) },
    ),
  }
}
