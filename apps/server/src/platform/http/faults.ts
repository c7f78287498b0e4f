import type { z } from 'zod'
import { type Fault, refuse } from '../refusal/index.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

const faultsMax = 100

/** Parses a body, or refuses it with a JSON pointer to each fault. `prefix` is where the value lies in the whole body. */
export function parseBody<T extends z.ZodType>(schema: T, value: unknown, prefix: Path = [], detail?: string): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors = faultsOf(parsed.error.issues, prefix).map((fault) => ({ pointer: pointerOf(fault.path), detail: fault.detail }))
  throw refuse('invalid_body', { errors, ...(detail === undefined ? {} : { detail }) })
}

export type PathFault = { readonly path: Path; readonly detail: string }

/** Each fault once, in the order found, bounded. */
export function faultsOf(issues: readonly Issue[], prefix: Path = []): PathFault[] {
  return issues.flatMap((issue) => flatten(issue, prefix)).slice(0, faultsMax)
}

function flatten(issue: Issue, prefix: Path): PathFault[] {
  const path = [...prefix, ...issue.path]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...path, key], detail: 'is not known here' }))
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return closest(issue.errors).flatMap((inner) => flatten(inner, path))
  if (issue.code === 'invalid_key') return [{ path, detail: issue.issues[0]?.message ?? issue.message }]
  return [{ path, detail: issue.message }]
}

/** The branch that was meant: one whose discriminator fits before one whose does not, then the one with the fewest faults. */
function closest(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const cost = (issues: readonly Issue[]) =>
    issues.length + (issues.some(({ code, path }) => code === 'invalid_value' && path.length === 1) ? 1_000 : 0)
  return branches.reduce((best, branch) => (cost(branch) < cost(best) ? branch : best))
}

/** RFC 6901. The whole body is the empty pointer. */
export const pointerOf = (path: Path): Fault['pointer'] =>
  path.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
