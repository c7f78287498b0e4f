import type { Route } from '@crucible/contracts'
import { CrucibleUnexpectedReply } from './errors.ts'

/** Parses a reply by the schema that the contract has for its status: what comes out can be trusted. */
export async function replyOf(route: Route, response: Response): Promise<unknown> {
  if (route.produces === 'application/octet-stream') return new Uint8Array(await response.arrayBuffer())
  const text = await response.text()
  const schema = route.replies[response.status]
  try {
    if (schema !== undefined) return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw unexpected(route, response.status, cause)
  }
  throw unexpected(route, response.status)
}

const unexpected = (route: Route, status: number, cause?: unknown) =>
  new CrucibleUnexpectedReply(
    status,
    `${route.path} answered ${status} with something that its contract does not have. Is this a Crucible server of the same version?`,
    { cause },
  )

type EventUnion<E> = {
  readonly options: readonly { readonly shape: { readonly type: { readonly value: string } } }[]
  readonly parse: (json: unknown) => E
}

/** An event of a known type, or undefined for a type that a newer server has; a known type of a wrong shape is an error. */
export function eventOf<E>(union: EventUnion<E>, json: unknown): E | undefined {
  const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined
  if (!union.options.some((option) => option.shape.type.value === type)) return undefined
  try {
    return union.parse(json)
  } catch (cause) {
    throw new CrucibleUnexpectedReply(200, `The stream has an event ${String(type)} that its contract does not know.`, { cause })
  }
}
