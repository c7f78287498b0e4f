import { type IdPrefix, idPrefixes, type RefusalCode } from '@crucible/contracts'
import type { z } from 'zod'
import { refuse } from '../refusal/index.ts'
import { faultsOf } from './faults.ts'

/** What an id that names nothing is answered with; a malformed one names nothing either. */
const notFound: Partial<Record<IdPrefix, RefusalCode>> = {
  [idPrefixes.project]: 'project_not_found',
  [idPrefixes.evaluation]: 'evaluation_not_found',
  [idPrefixes.batch]: 'batch_not_found',
}

/** A parser for the path of one route. Throws at once when an id in it has no refusal, which stops the start. */
export function pathParser(schema: z.ZodObject | undefined): (params: unknown) => unknown {
  if (schema === undefined) return () => undefined
  const codes = new Map<PropertyKey, RefusalCode>()
  for (const [name, part] of Object.entries(schema.shape)) {
    const prefix = (part as z.ZodType).meta()?.['idPrefix'] as IdPrefix | undefined // idSchema puts it there
    if (prefix === undefined) continue
    const code = notFound[prefix]
    if (code === undefined) throw new Error(`the table of refusals has no answer for an unknown ${prefix}_… in a path`)
    codes.set(name, code)
  }
  return (params) => {
    const parsed = schema.safeParse(params)
    if (parsed.success) return parsed.data
    const name = parsed.error.issues[0]?.path[0]
    throw refuse((name === undefined ? undefined : codes.get(name)) ?? 'invalid_parameter')
  }
}

/** A parser for the query of one route; a route without one takes no parameter at all. */
export function queryParser(schema: z.ZodObject | undefined): (query: unknown) => unknown {
  return (query) => {
    const given = Object.keys(query as object) // the router always gives an object
    const known = schema?.shape ?? {}
    const unknown = given.filter((name) => !Object.hasOwn(known, name))
    if (unknown.length > 0) {
      throw refuse('unknown_parameter', {
        errors: unknown.slice(0, 20).map((name) => ({ pointer: name.slice(0, 100), detail: 'is not known here' })),
      })
    }
    if (schema === undefined) return undefined
    const parsed = schema.safeParse(query)
    if (parsed.success) return parsed.data
    throw refuse('invalid_parameter', {
      errors: faultsOf(parsed.error.issues).map(({ path, detail }) => ({ pointer: String(path[0] ?? ''), detail })),
    })
  }
}

export function idempotencyKeyOf(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header
  throw refuse('invalid_parameter', {
    errors: [{ pointer: 'Idempotency-Key', detail: 'must be 1 to 255 printable ASCII characters' }],
  })
}

/** A change says which version it changes, so that nobody overwrites what they have not seen. */
export function versionOf(header: string | undefined): number {
  if (header === undefined) throw refuse('precondition_required')
  const version = /^"(\d{1,9})"$/.exec(header)?.[1]
  if (version !== undefined) return Number(version)
  throw refuse('invalid_parameter', { errors: [{ pointer: 'If-Match', detail: 'must be a version in quotes, such as "3"' }] })
}

export function lastEventIdOf(header: string | string[] | undefined): number {
  if (header === undefined) return 0
  const number = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : null
  if (number !== null) return number
  throw refuse('invalid_parameter', { errors: [{ pointer: 'Last-Event-ID', detail: 'must be the id of an event' }] })
}
