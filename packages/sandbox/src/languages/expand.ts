/**
 * Placeholders of a command: `{python3}` and every other tool, `{home:python3}` (the directory above the tool's `bin`),
 * `{name:python3}` (the file name of its real path),
 * `{optional}`, and for a job `{entry}`, `{stem}` (the entry without its ending), `{sources}` (the entry and
 * the other files to compile), `{others}`, `{memoryMiB}`, `{work}`, `{harness}`.
 */
export type Values = Readonly<Record<string, string | readonly string[]>>

/** Fills every placeholder. One that stands alone may become several words; an unknown one is our mistake, and thrown. */
export function expand(words: readonly string[], values: Values): string[] {
  return words.flatMap((word) => {
    const alone = /^\{([^{}]+)\}$/.exec(word)?.[1]
    if (alone !== undefined) return [filled(alone, values)].flat()
    return [word.replace(/\{([^{}]+)\}/g, (_, name: string) => [filled(name, values)].flat().join(' '))]
  })
}

/** The names of all placeholders in `words`. */
export function placeholders(words: readonly string[]): string[] {
  return words.flatMap((word) => [...word.matchAll(/\{([^{}]+)\}/g)].flatMap((match) => match[1] ?? []))
}

function filled(name: string, values: Values): string | readonly string[] {
  const value = values[name]
  if (value === undefined) throw new Error(`unknown placeholder {${name}}`)
  return value
}
