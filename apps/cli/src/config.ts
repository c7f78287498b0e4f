/** The only reader of process.env in the CLI. */
export type Environment = {
  readonly url: string | undefined
  readonly apiKey: string | undefined
  readonly dataDir: string | undefined
  readonly path: string
}

const value = (name: string) => {
  const text = process.env[name]?.trim()
  return text === undefined || text === '' ? undefined : text
}

export const readEnvironment = (): Environment => ({
  url: value('CRUCIBLE_URL'),
  apiKey: value('CRUCIBLE_API_KEY'),
  dataDir: value('CRUCIBLE_DATA_DIR'),
  path: process.env['PATH'] ?? '',
})
