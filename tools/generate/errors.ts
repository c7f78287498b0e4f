import { refusals } from '../../packages/contracts/src/refusals.ts'
import { generatedFrom, table } from './table.ts'

/** Every refusal that a client can meet, in the order of their status. */
export function errors(): string {
  const rows = Object.entries(refusals)
    .sort(([, [left]], [, [right]]) => left - right)
    .map(([code, [status, title]]) => [String(status), `\`${code}\``, title])
  return `${generatedFrom('packages/contracts/src/refusals.ts')}

# Errors

A request that is refused is answered with \`application/problem+json\` (RFC 9457): \`type\` is
\`urn:crucible:problem:\` and the code, \`title\` is the sentence below, \`detail\` says more where there is more to say, and
\`errors[]\` points at each fault in the body or the query. Decide by \`code\`: sentences may change.

An id of another organization is answered exactly like one that never existed.

${table(['Status', 'Code', 'Title'], rows)}
`
}
