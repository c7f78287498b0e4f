import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { routes } from '@crucible/contracts'
import { appHarness, type Harness } from '@crucible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let harness: Harness
let webFolder: string
let database: string | null = null
beforeAll(async () => {
  webFolder = await mkdtemp(join(tmpdir(), 'crucible-web-'))
  await mkdir(join(webFolder, 'assets'))
  await writeFile(join(webFolder, 'index.html'), '<!doctype html><title>app</title>')
  await writeFile(join(webFolder, 'assets', 'app-1a2b.js'), 'export {}')
  harness = await appHarness({
    webFolder,
    health: {
      database: async () => database,
      slow: () => new Promise((resolve) => setTimeout(resolve, database === null ? 0 : 60_000, null).unref()),
    },
  })
})
afterAll(async () => {
  await harness.close()
  await rm(webFolder, { recursive: true })
})

const open = (url: string, headers: Record<string, string> = {}) => harness.app.inject({ method: 'GET', url, headers })

test('a key tells whose it is', async () => {
  const answer = await harness.alice.get('/me')
  expect(answer).toMatchObject({
    status: 200,
    body: { organization: { slug: 'alice' }, user: { role: 'ORG_ADMIN' }, project: { key: 'DEFAULT' } },
  })
})

test('a fault is logged and answered with its request id, never with its text', async () => {
  const answer = await harness.alice.get('/runtimes') // this harness has no handler for it
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal', requestId: answer.headers['x-request-id'] } })
  expect(answer.text).not.toContain('handler')
})

describe('the published OpenAPI document', () => {
  test('lists exactly the routes that exist, with their permission', async () => {
    const document = (await open('/api/openapi.json')).json<{
      openapi: string
      paths: Record<string, Record<string, Record<string, unknown>>>
    }>()
    expect(document.openapi).toBe('3.1.0')
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => `${method.toUpperCase()} ${path} ${operation['operationId']} ${operation['x-permission']}`,
      ),
    )
    const ours = Object.entries(routes).map(
      ([name, { method, path, permission }]) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')} ${name} ${permission}`,
    )
    expect(listed.toSorted()).toEqual(ours.toSorted())
  })

  test('refers to nothing that it does not hold', async () => {
    const { payload } = await open('/api/openapi.json')
    const document = JSON.parse(payload)
    const references = [...payload.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)
    expect(references.length).toBeGreaterThan(50)
    for (const path of new Set(references)) {
      const found = path.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
      expect(found, path).toBeDefined()
    }
  })

  test('can be browsed without anything from another host', async () => {
    const page = await open('/api/docs')
    expect(page.statusCode).toBe(200)
    expect(page.payload).not.toMatch(/https?:/)
    const script = await open('/api/docs/reference.js')
    expect([script.statusCode, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8'])
    expect(script.rawPayload.length).toBeGreaterThan(1_000_000)
  })
})

describe('the web app', () => {
  test.each(['/', '/evaluations/evl_1', '/batches?x=1'])('%s is the app', async (path) => {
    expect(await open(path)).toMatchObject({ statusCode: 200, payload: '<!doctype html><title>app</title>' })
  })

  test('a file with a hash in its name may be kept for ever', async () => {
    expect((await open('/assets/app-1a2b.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await open('/')).headers['cache-control']).toBe('no-cache')
  })

  test.each(['/api', '/api/', '/api/v2/me', '/api/v1/nothing', '/assets/gone-9f8e.js'])('%s is never the app', async (path) => {
    expect((await open(path)).statusCode).toBe(404)
  })

  test.each(['/..%2f..%2fetc/passwd', '/assets/..%2f..%2f..%2fetc/passwd', '/assets/%2e%2e/%2e%2e/etc/passwd'])(
    '%s does not leave its folder',
    async (path) => {
      expect((await open(path)).payload).not.toContain('root:')
    },
  )

  test('no page runs a script that is not ours, or may be framed', async () => {
    const { headers } = await open('/')
    expect(headers['content-security-policy']).toContain("script-src 'self';")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('health', () => {
  test('liveness is its own, readiness says what it lacks, in bounded time', async () => {
    expect((await open('/readyz')).json()).toEqual({ status: 'ok', checks: { database: 'ok', slow: 'ok' } })
    database = 'not migrated'
    expect((await open('/readyz')).statusCode).toBe(200) // still the cached answer
    await new Promise((resolve) => setTimeout(resolve, 1_000)) // the cache's own time, which is not ours to turn
    const answer = await open('/readyz')
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toEqual({
      status: 'unavailable',
      checks: { database: 'not migrated', slow: 'no answer within 1000 ms' },
    })
    expect((await open('/healthz')).statusCode).toBe(200)
  })
})

describe('rates', () => {
  let small: Harness
  beforeAll(async () => {
    small = await appHarness({ requestsPerMinute: 30 })
  })
  afterAll(() => small.close())

  test('a key that asks too often is told when to come back; another key is not affected', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => small.bob.get('/me')))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]).toMatchObject({ body: { code: 'rate_limited' }, headers: { 'retry-after': '2' } })
    expect((await small.alice.get('/me')).headers['ratelimit-policy']).toBe('"default";q=30;w=60')
  })

  test('guessing keys is limited by address, and a good key behind it still works', async () => {
    const guess = (n: number) =>
      small.as(null).get('/me', { headers: { authorization: `Bearer crk_${String(n).padStart(32, '0')}` } })
    const guesses = await Promise.all(Array.from({ length: 120 }, (_, n) => guess(n)))
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401, 429]))
    expect((await small.alice.get('/me')).status).toBe(200)
  })
})
