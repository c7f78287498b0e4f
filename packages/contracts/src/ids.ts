/**
 * Public ids: a prefix that says what the thing is, and a UUIDv7 in 26 characters of Crockford base32.
 * The template-literal types are the brand: an `evl_…` cannot be passed where a `prj_…` is wanted.
 */
import { z } from 'zod'

export const idPrefixes = {
  organization: 'org',
  project: 'prj',
  user: 'usr',
  apiKey: 'key',
  evaluation: 'evl',
  attempt: 'att',
  batch: 'btc',
  request: 'req',
} as const
export type IdPrefix = (typeof idPrefixes)[keyof typeof idPrefixes]
export type Id<P extends IdPrefix> = `${P}_${string}`

export type OrganizationId = Id<'org'>
export type ProjectId = Id<'prj'>
export type UserId = Id<'usr'>
export type ApiKeyId = Id<'key'>
export type EvaluationId = Id<'evl'>
export type AttemptId = Id<'att'>
export type BatchId = Id<'btc'>

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** The public form of a UUID, `evl_01j…`. */
export function idOf<P extends IdPrefix>(prefix: P, uuid: string): Id<P> {
  let n = BigInt(`0x${uuid.replaceAll('-', '')}`)
  let text = ''
  for (let i = 0; i < 26; i++) {
    text = alphabet.charAt(Number(n & 31n)) + text
    n >>= 5n
  }
  return `${prefix}_${text}`
}

/** The UUID behind a public id. Throws on anything that `idSchema` would refuse. */
export function uuidOf(id: Id<IdPrefix>): string {
  const text = id.slice(id.indexOf('_') + 1)
  let n = 0n
  for (const character of text) {
    const digit = alphabet.indexOf(character)
    if (digit < 0) throw new RangeError(`not an id: ${id}`)
    n = (n << 5n) | BigInt(digit)
  }
  if (text.length !== 26 || n >> 128n !== 0n) throw new RangeError(`not an id: ${id}`)
  const hex = n.toString(16).padStart(32, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The first digit is 0-7: 26 digits hold 130 bits and a UUID has 128. */
export const idPattern = (prefix: IdPrefix) => new RegExp(`^${prefix}_[0-7][${alphabet}]{25}$`)

export const idSchema = <P extends IdPrefix>(prefix: P) =>
  z.templateLiteral([`${prefix}_`, z.string().regex(new RegExp(`^[0-7][${alphabet}]{25}$`))]).meta({
    description: `An id of the form ${prefix}_…`,
    idPrefix: prefix,
  }) as unknown as z.ZodType<Id<P>, Id<P>> // the template literal infers `${string}`-typed text; the prefix is known here
