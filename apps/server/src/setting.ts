/** The kinds of value that a setting takes. Each answers with the value, or with what it should have been. */
export type Parsed<T> = { readonly value: T } | { readonly wanted: string }
export type Setting<T> = {
  /** As the docs show it; null: not set unless you do. */
  readonly byDefault: string | null
  readonly description: string
  readonly parse: (text: string) => Parsed<T>
}

const setting = <T>(byDefault: string | null, description: string, parse: Setting<T>['parse']): Setting<T> => ({
  byDefault,
  description,
  parse,
})

export const integer = (min: number, max: number, byDefault: number, description: string): Setting<number> =>
  setting(String(byDefault), description, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? { value } : { wanted: `a whole number from ${min} to ${max}` }
  })

const words: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  on: true,
  1: true,
  no: false,
  false: false,
  off: false,
  0: false,
}

/** Strict: a switch that is misspelt must not quietly mean the opposite. */
export const yesOrNo = (byDefault: boolean, description: string): Setting<boolean> =>
  setting(byDefault ? 'yes' : 'no', description, (text) => {
    const value = words[text.toLowerCase()]
    return value === undefined ? { wanted: 'yes or no' } : { value }
  })

export const oneOf = <T extends string>(values: readonly T[], byDefault: T, description: string): Setting<T> =>
  setting(byDefault, description, (text) => {
    const value = values.find((known) => known === text)
    return value === undefined ? { wanted: `one of ${values.join(', ')}` } : { value }
  })

export const text = (pattern: RegExp, wanted: string, byDefault: string, description: string): Setting<string> =>
  setting(byDefault, description, (given) => (pattern.test(given) ? { value: given } : { wanted }))

/** A URL of one of these schemes, or null when it is not set. */
export const url = (
  schemes: readonly string[],
  description: string,
  refuse: (url: URL) => string | null = () => null,
): Setting<string | null> =>
  setting(null, description, (given) => {
    const wanted = `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`
    if (!URL.canParse(given) || !schemes.includes(new URL(given).protocol.slice(0, -1))) return { wanted }
    const refusal = refuse(new URL(given))
    return refusal === null ? { value: given } : { wanted: refusal }
  })

/** A value that may be left out, as another kind reads it when it is given. */
export const optional = <T>(kind: Setting<T>): Setting<T | null> => ({ ...kind, byDefault: null })
