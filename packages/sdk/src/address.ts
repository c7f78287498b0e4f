import type { Route } from '@crucible/contracts'
import type { LooseInput } from './calls.ts'

/** The URL of a call. Parameters are encoded, so that an id can never reach another path. */
export function addressOf(baseUrl: string, route: Pick<Route, 'path'>, input: LooseInput): string {
  const path = route.path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = input.params?.[name]
    // A segment of dots would be resolved away, encoded or not, and the call would reach another path.
    if (value === undefined || /^\.*$/.test(value)) throw new TypeError(`The parameter ${name} has no usable value.`)
    return encodeURIComponent(value)
  })
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null) query.set(name, Array.isArray(value) ? value.join(',') : String(value))
  }
  const search = query.toString()
  return `${baseUrl}/api/v1${path}${search === '' ? '' : `?${search}`}`
}

/** Checks the base once, so that a slip in a setting is named instead of showing up as a 404. */
export function baseOf(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch (cause) {
    throw new TypeError(`Not a URL: ${JSON.stringify(text)}. It looks like http://127.0.0.1:3000.`, { cause })
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`Not an http(s) URL: ${JSON.stringify(text)}.`)
  if (url.username !== '' || url.password !== '') throw new TypeError('The URL carries a password; give the key on its own.')
  return url.origin + url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')
}
