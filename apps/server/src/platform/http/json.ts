import { refuse } from '../refusal/index.ts'

const depthMax = 64 // deeper than any body of ours, far from what overflows a stack
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** JSON of a stranger: invalid UTF-8, bad syntax, deep nesting and `__proto__` are refused before anything looks at it. */
export function parseJson(
  bytes: Uint8Array,
  code: 'malformed_json' | 'malformed_ndjson' = 'malformed_json',
  pointer = '',
): unknown {
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(bytes))
  } catch (cause) {
    throw refuse(code, { errors: [{ pointer, detail: syntax(cause) }] })
  }
  assertHarmless(value, code, pointer)
  return value
}

/** Where, without echoing what: a part of the body does not belong into a log or an error page. */
function syntax(cause: unknown): string {
  if (!(cause instanceof SyntaxError)) return 'is not valid UTF-8'
  const position = /at position \d+(?: \(line \d+ column \d+\))?/.exec(cause.message)?.[0]
  return position === undefined ? 'is not complete JSON' : `is not valid JSON ${position}`
}

/** Not recursive: the input decides the depth. */
function assertHarmless(root: unknown, code: 'malformed_json' | 'malformed_ndjson', pointer: string): void {
  const stack: [value: unknown, depth: number][] = [[root, 0]]
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const [value, depth] = entry
    if (typeof value !== 'object' || value === null) continue
    if (depth >= depthMax) throw refuse(code, { errors: [{ pointer, detail: `is nested deeper than ${depthMax} levels` }] })
    if (Object.hasOwn(value, '__proto__')) throw refuse(code, { errors: [{ pointer, detail: 'has a member named __proto__' }] })
    for (const member of Array.isArray(value) ? value : Object.values(value)) stack.push([member, depth + 1])
  }
}
