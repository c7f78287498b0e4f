/**
 * Every route of the contract, every place in it that takes an id, asked with a real id of somebody else.
 * Routes and places are read from the contract: a new one is covered the day it is added, and an id of a new kind fails
 * here until there is a fixture that makes a real one.
 */
import { type Batch, type IdPrefix, type Route, type RouteName, routes } from '@crucible/contracts'
import { type Answer, type Caller, type EvaluationsHarness, evaluationsHarness, playOut } from '@crucible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

type Place = { readonly where: 'params' | 'query' | 'body'; readonly path: readonly string[]; readonly prefix: IdPrefix }
type Json = { [key: string]: Json } | Json[] | string | number | boolean | null

/** A body that a route takes, by route. One that is missing fails below. */
const bodies: Partial<Record<RouteName, Json>> = {
  submitEvaluation: { language: 'python', code: 'hello' },
  submitEvaluationInProject: { language: 'python', code: 'hello' },
  setOrganizationIsolation: { least: 'none', engines: null },
  setProjectIsolation: { least: 'none', engines: null },
  createBatch: { evaluations: [{ language: 'python', code: 'hello' }] },
  createBatchInProject: { evaluations: [{ language: 'python', code: 'hello' }] },
}

/** A real id of this kind in the caller's own organization, made through the API. */
const fixtures: Partial<Record<IdPrefix, (caller: Caller, server: EvaluationsHarness) => Promise<string>>> = {
  prj: async ({ projectId }) => projectId,
  evl: async (caller, server) => (await server.judge(caller, 'hello')).id,
  btc: async (caller, server) => {
    const { body } = await caller.post('/batches', bodies.createBatch)
    const { id } = body as Batch
    await caller.get(`/batches/${id}/stream`) // ends when the batch has
    expect(((await caller.get(`/batches/${id}`)).body as Batch).finished, server.executor.socketPath).toBe(1)
    return id
  },
}

const all = Object.entries(routes) as [RouteName, Route][] // the keys of a literal
const places = all.flatMap(([name, route]) =>
  placesOf(route).map((place) => ({ name, route, place, title: `${name} ${place.where} ${place.path.join('.')}` })),
)

let server: EvaluationsHarness
const own = { alice: new Map<IdPrefix, string>(), bob: new Map<IdPrefix, string>() }
beforeAll(async () => {
  server = await evaluationsHarness({ script: async (job) => playOut(job, job.code, 'accepted') })
  for (const prefix of new Set(places.map(({ place }) => place.prefix))) {
    const make = fixtures[prefix]
    if (make === undefined) throw new Error(`a route takes ${prefix}_… and no fixture makes one`)
    own.alice.set(prefix, await make(server.alice, server))
    own.bob.set(prefix, await make(server.bob, server))
  }
})
afterAll(() => server.close())

test('the contract has places that take an id', () => {
  expect(places.length).toBeGreaterThan(10)
  expect(all.filter(([name, { body }]) => body !== undefined && bodies[name] === undefined)).toEqual([])
})

describe('an id of another organization looks exactly like one that never existed', () => {
  test.each(places)('$title', async ({ name, route, place }) => {
    const before = await rowsOfBob()
    const foreign = await ask(server.alice, name, route, place, own.bob.get(place.prefix) ?? '')
    const unknown = await ask(server.alice, name, route, place, server.newId(place.prefix))
    expect(comparable(foreign)).toEqual(comparable(unknown))
    if (place.where === 'params') expect(foreign.status).toBe(404)
    for (const id of own.bob.values()) if (id !== own.bob.get(place.prefix)) expect(foreign.text).not.toContain(id)
    expect(await rowsOfBob()).toEqual(before)
  })
})

describe('a malformed id looks like one that never existed', () => {
  test.each(places.filter(({ place }) => place.where === 'params'))('$title', async ({ name, route, place }) => {
    const unknown = await ask(server.alice, name, route, place, server.newId(place.prefix))
    for (const odd of [
      '1',
      `${place.prefix}_`,
      `${place.prefix}_${'z'.repeat(26)}`,
      `evl_${'0'.repeat(2_000)}`,
      "'; drop table x --",
      '%00',
    ]) {
      expect(comparable(await ask(server.alice, name, route, place, odd)), odd).toEqual(comparable(unknown))
    }
  })
})

test.each(places.filter(({ place, route }) => place.where === 'params' && route.method === 'GET'))(
  'its owner finds what was hidden from others: $title',
  async ({ name, route, place }) => {
    expect((await ask(server.bob, name, route, place, own.bob.get(place.prefix) ?? '')).status).toBe(200)
  },
)

test('a cursor of another organization is refused like one that was made up', async () => {
  await server.judge(server.bob, 'hello')
  const { body } = await server.bob.get('/evaluations?limit=1')
  const { nextCursor } = (body as { page: { nextCursor: string } }).page
  expect(nextCursor).toEqual(expect.any(String))
  const foreign = await server.alice.get(`/evaluations?limit=1&cursor=${encodeURIComponent(nextCursor)}`)
  const madeUp = await server.alice.get(`/evaluations?limit=1&cursor=${'A'.repeat(nextCursor.length)}`)
  expect(foreign.status).toBe(400)
  expect(comparable(foreign)).toEqual(comparable(madeUp))
})

test('an Idempotency-Key of another organization means nothing here', async () => {
  const headers = { 'idempotency-key': 'the-same-key' }
  const [theirs, ours] = [
    await server.bob.post('/evaluations', { language: 'python', code: 'theirs' }, { headers }),
    await server.alice.post('/evaluations', { language: 'python', code: 'ours' }, { headers }),
  ]
  expect([theirs.status, ours.status]).toEqual([202, 202])
  expect((ours.body as { id: string }).id).not.toBe((theirs.body as { id: string }).id)
})

/** The request with `id` in one place, and the caller's own real ids in every other. */
function ask(caller: Caller, name: RouteName, route: Route, place: Place, id: string): Promise<Answer> {
  const mine = caller.organizationId === server.alice.organizationId ? own.alice : own.bob
  const valueAt = (candidate: Place) => (same(candidate, place) ? id : (mine.get(candidate.prefix) ?? ''))
  const query = new URLSearchParams()
  let path = route.path
  let body = structuredClone(bodies[name])
  for (const candidate of placesOf(route)) {
    const [first = ''] = candidate.path
    if (candidate.where === 'params') path = path.replace(`:${first}`, encodeURIComponent(valueAt(candidate)))
    if (candidate.where === 'query' && same(candidate, place)) query.set(first, valueAt(candidate))
    if (candidate.where === 'body') body = withValue(body ?? {}, candidate.path, valueAt(candidate))
  }
  const url = query.size === 0 ? path : `${path}?${query}`
  if (route.method === 'PUT') return caller.put(url, body, { headers: { 'if-match': '"1"' } })
  return route.method === 'GET' ? caller.get(url) : caller.post(url, body)
}

const same = (a: Place, b: Place) => a.where === b.where && a.path.join('/') === b.path.join('/')

function withValue(root: Json, path: readonly string[], value: string): Json {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (key === '[]') return [withValue((Array.isArray(root) ? root[0] : undefined) ?? {}, rest, value)]
  const object = typeof root === 'object' && root !== null && !Array.isArray(root) ? root : {}
  return { ...object, [key]: withValue(object[key] ?? {}, rest, value) }
}

/** Everything that a caller can see, but for what differs between any two requests. */
const comparable = ({ status, text, headers }: Answer) => ({
  status,
  text: text.replaceAll(/req_\w{26}/g, 'req_…'),
  type: headers['content-type'],
})

function placesOf(route: Route): Place[] {
  return (['params', 'query', 'body'] as const).flatMap((where) => {
    const schema = route[where]
    if (schema === undefined) return []
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json // a JSON Schema is JSON
    return idsIn(json).map(({ path, prefix }) => ({ where, path, prefix }))
  })
}

/** Where a JSON Schema holds an id: `idSchema` marks it. */
function idsIn(schema: Json, path: readonly string[] = []): { path: readonly string[]; prefix: IdPrefix }[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return []
  if (typeof schema['idPrefix'] === 'string') return [{ path, prefix: schema['idPrefix'] as IdPrefix }] // put there by idSchema alone
  const children = Object.entries(schema).flatMap(([key, child]) => {
    if (key === 'properties')
      return Object.entries(child as { [key: string]: Json }).flatMap(([name, property]) => idsIn(property, [...path, name]))
    if (key === 'items' || key === 'prefixItems')
      return (Array.isArray(child) ? child : [child]).flatMap((item) => idsIn(item, [...path, '[]']))
    if (key === 'additionalProperties') return idsIn(child, [...path, 'anything'])
    if (key === 'anyOf' || key === 'oneOf' || key === 'allOf') return (child as Json[]).flatMap((branch) => idsIn(branch, path))
    return []
  })
  return [...new Map(children.map((child) => [child.path.join('/'), child])).values()]
}

/** A fingerprint of every row of bob's, in every table that has an owner. */
async function rowsOfBob(): Promise<Record<string, unknown>> {
  const tables = await server.database.query<{ name: string }>(`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c
      join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
     where c.relkind = 'r' and a.attname = 'organization_id' order by 1`)
  const found: Record<string, unknown> = {}
  for (const { name } of tables) {
    const [row] = await server.database.query(
      `select count(*)::int as count, md5(string_agg(t::text, '|' order by t::text)) as rows from ${name} t
        where organization_id = (select id from identity.organization where slug = 'bob')`,
    )
    found[name] = row
  }
  return found
}
