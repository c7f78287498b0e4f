import { settings } from '../../apps/server/src/settings.ts'
import { generatedFrom, table } from './table.ts'

/** Every setting of the server, with what it is when nobody sets it. */
export function configuration(): string {
  const rows = Object.entries(settings).map(([name, { byDefault, description }]) => [
    `\`${name}\``,
    byDefault === null ? 'unset' : byDefault === '' ? 'empty' : `\`${byDefault}\``,
    description,
  ])
  return `${generatedFrom('apps/server/src/settings.ts')}

# Configuration

The server reads its environment once, at the start, in one place. Anything odd stops the start with a sentence: a
\`CRUCIBLE_*\` name that is not listed here, a port that is no number, a yes or no that is spelt otherwise.

${table(['Setting', 'Default', 'Meaning'], rows)}
`
}
