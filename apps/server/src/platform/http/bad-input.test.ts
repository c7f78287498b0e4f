/** What bad input gets: one line each, over the real application. */

import { refusals } from '@crucible/contracts'
import { type EvaluationsHarness, evaluationsHarness, playOut } from '@crucible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let server: EvaluationsHarness
beforeAll(async () => {
  server = await evaluationsHarness({ script: async (job) => playOut(job, job.code, 'accepted'), hasWorker: true })
})
afterAll(() => server.close())

const good = { language: 'python', code: 'print(1)' }
const pointers = (body: unknown) => (body as { errors?: { pointer: string }[] }).errors?.map(({ pointer }) => pointer)

describe('a body with faults is 422 with a pointer to each', () => {
  test.each([
    ['nothing', {}, ['/code', '/language']],
    ['another type', { ...good, language: 7 }, ['/language']],
    ['an array', [], ['']],
    ['null', null, ['']],
    ['text', '"text"', ['']],
    ['unknown fields', { ...good, cod: 1, 'a/b~c': 2 }, ['/cod', '/a~1b~0c']],
    ['a status of the caller’s own', { ...good, status: 'completed', verdict: 'accepted' }, ['/status', '/verdict']],
    ['both forms of source', { ...good, files: [{ path: 'a.py', content: '' }] }, ['/code']],
    [
      'several faults at once',
      { ...good, args: [1], priority: 'urgent', tests: [{ kind: 'harness' }] },
      ['/args/0', '/tests/0/code', '/priority'],
    ],
    ['a test of the default kind', { ...good, tests: [{ stdin: 'x' }] }, ['/tests/0/expectedStdout']],
    ['an unknown field inside', { ...good, tests: [{ expectedStdout: 'x', expected: 'y' }] }, ['/tests/0/expected']],
    ['a path that climbs', { language: 'python', files: [{ path: '../x.py', content: '' }] }, ['/files/0/path']],
    ['an absolute path', { language: 'python', files: [{ path: '/etc', content: '' }] }, ['/files/0/path', '/files/0/path']],
    ['a path with NUL', { language: 'python', files: [{ path: 'a\0.py', content: '' }] }, ['/files/0/path']],
    [
      'a path twice',
      {
        language: 'python',
        files: [
          { path: 'a.py', content: '' },
          { path: 'a.py', content: '' },
        ],
      },
      ['/files/1/path'],
    ],
    ['a symbolic link', { language: 'python', files: [{ path: 'a.py', content: '', link: '/etc/passwd' }] }, ['/files/0/link']],
    ['a negative limit', { ...good, limits: { wallMs: -1 } }, ['/limits/wallMs']],
    ['a limit of zero', { ...good, limits: { memoryBytes: 0 } }, ['/limits/memoryBytes']],
    ['half a process', { ...good, limits: { processes: 1.5 } }, ['/limits/processes']],
    ['an unknown limit', { ...good, limits: { timeout: 1 } }, ['/limits/timeout']],
    ['a reserved variable', { ...good, env: { LD_PRELOAD: 'x' } }, ['/env/LD_PRELOAD']],
    ['a source over 1 MiB', { ...good, code: 'x'.repeat(1024 * 1024 + 1) }, ['/code']],
    ['a lone surrogate', '{"language":"python","code":"\\ud800"}', ['/code']],
  ])('%s', async (_name, body, expected) => {
    const answer = await server.alice.post('/evaluations', body)
    expect({ status: answer.status, pointers: pointers(answer.body)?.toSorted() }).toEqual({
      status: 422,
      pointers: expected.toSorted(),
    })
    expect(answer.headers['content-type']).toContain('application/problem+json')
  })
})

describe('what is not JSON is 400', () => {
  test.each([
    ['half an object', '{"language":'],
    ['a trailing comma', '{"a":1,}'],
    ['NaN', '{"limits":{"wallMs":NaN}}'],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a poisoned prototype', '{"language":"python","code":"","__proto__":{"isAdmin":true}}'],
    ['a poisoned prototype deep inside', '{"metadata":{"a":[{"__proto__":1}]}}'],
    ['a million brackets', '['.repeat(1_000_000)],
    ['brackets that do close', `{"metadata":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`],
    ['an empty body', ''],
  ])('%s', async (_name, body) => {
    const answer = await server.alice.post('/evaluations', body)
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_json' } })
  })
})

describe('the rest of a request', () => {
  test.each([
    ['an unknown parameter', 'GET', '/evaluations?stauts=queued', 400, 'unknown_parameter', ['stauts']],
    ['a parameter where none is taken', 'GET', '/me?x=1', 400, 'unknown_parameter', ['x']],
    ['a limit over the maximum', 'GET', '/evaluations?limit=1000', 400, 'invalid_parameter', ['limit']],
    ['a parameter twice', 'GET', '/evaluations?limit=1&limit=2', 400, 'invalid_parameter', ['limit']],
    ['a status that does not exist', 'GET', '/evaluations?status=done', 400, 'invalid_parameter', ['status']],
    ['a wait that is too long', 'POST', '/evaluations?wait=61', 400, 'invalid_parameter', ['wait']],
    ['a malformed id in the query', 'GET', '/evaluations?project=prj_1', 400, 'invalid_parameter', ['project']],
    ['__proto__ in the query', 'GET', '/evaluations?__proto__=1', 400, 'unknown_parameter', ['__proto__']],
    ['a route that does not exist', 'GET', '/evaluation', 404, 'not_found', undefined],
    ['a route that does not exist below one that does', 'GET', '/me/x', 404, 'not_found', undefined],
    ['a path that cannot be decoded', 'GET', '/evaluations/%zz', 404, 'not_found', undefined],
    ['another method', 'POST', '/me', 405, 'method_not_allowed', undefined],
  ] as const)('%s is %s %s → %i', async (_name, method, path, status, code, expected) => {
    const answer = method === 'GET' ? await server.alice.get(path) : await server.alice.post(path, good)
    expect(answer).toMatchObject({
      status,
      body: { code, status, type: `urn:crucible:problem:${code}`, title: refusals[code][1] },
    })
    expect(pointers(answer.body)).toEqual(expected)
  })

  test('a method that no route has names those that exist', async () => {
    const answer = await server.app.inject({
      method: 'DELETE',
      url: '/api/v1/evaluations',
      headers: { authorization: `Bearer ${server.alice.key}` },
    })
    expect([answer.statusCode, answer.headers['allow']?.toString().split(', ').toSorted()]).toEqual([405, ['GET', 'POST']])
  })

  test.each([
    ['text/plain', 'x'],
    ['application/x-www-form-urlencoded', 'language=python'],
    ['application/x-ndjson', '{}'],
    ['', 'x'],
  ])('a body of type "%s" is 415', async (type, body) => {
    const answer = await server.alice.post('/evaluations', body, { headers: { 'content-type': type } })
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
  })

  test('a compressed body is 415, not a surprise', async () => {
    const answer = await server.alice.post('/evaluations', good, { headers: { 'content-encoding': 'gzip' } })
    expect(answer.status).toBe(415)
  })

  test('a body over 2 MiB is 413, whether or not its length was announced', async () => {
    const body = JSON.stringify({ ...good, stdin: 'x'.repeat(2 * 1024 * 1024) })
    expect(await server.alice.post('/evaluations', body)).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
    const url = await server.listen()
    const chunks = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(body))
        controller.close()
      },
    })
    const headers = { authorization: `Bearer ${server.alice.key}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}/api/v1/evaluations`, {
      method: 'POST',
      headers,
      body: chunks,
      duplex: 'half',
    } as RequestInit) // duplex is missing in the typings
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([413, 'body_too_large'])
  })

  test('charset and case of the media type do not matter', async () => {
    const answer = await server.alice.post('/evaluations', good, {
      headers: { 'content-type': 'Application/JSON; charset=UTF-8' },
    })
    expect(answer.status).toBe(202)
  })

  test('an odd Idempotency-Key or Last-Event-ID is 400', async () => {
    const key = await server.alice.post('/evaluations', good, { headers: { 'idempotency-key': 'x'.repeat(300) } })
    expect(key).toMatchObject({ status: 400, body: { errors: [{ pointer: 'Idempotency-Key' }] } })
    const { id } = await server.judge(server.alice, 'x')
    const event = await server.alice.get(`/evaluations/${id}/stream`, { headers: { 'last-event-id': '-1' } })
    expect(event).toMatchObject({ status: 400, body: { errors: [{ pointer: 'Last-Event-ID' }] } })
  })

  test('no answer echoes what was sent, and a request id is ours', async () => {
    const answer = await server.alice.get('/evaluations?x=1', { headers: { 'x-request-id': 'mine"><script>' } })
    expect(answer.headers['x-request-id']).toMatch(/^req_[0-9a-z]{26}$/)
    expect(answer.body).toMatchObject({ requestId: answer.headers['x-request-id'] })
    expect(answer.text).not.toContain('script')
  })
})

describe('lines of a batch', () => {
  const send = (body: string | Uint8Array) =>
    server.alice.post('/batches', body, { headers: { 'content-type': 'application/x-ndjson' } })
  const line = JSON.stringify(good)

  test('blank lines, CRLF and a missing last line break are forgiven', async () => {
    const answer = await send(`${line}\r\n\n   \n${line}`)
    expect(answer).toMatchObject({ status: 202, body: { total: 2 } })
  })

  test.each([
    ['a line that is not JSON', `${line}\n{"language"\n`, 400, 'malformed_ndjson', ['/1']],
    ['a line with faults', `${line}\n${line}\n{"language":"python","cod":""}\n`, 422, 'invalid_body', ['/2/cod', '/2/code']],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, 'malformed_ndjson', ['/0']],
    ['a line without end', `"${'x'.repeat(2 * 1024 * 1024 + 1)}`, 413, 'body_too_large', undefined],
  ])('%s stops it, and nothing of it is stored', async (_name, body, status, code, expected) => {
    const before = await server.database.query('select count(*) from evaluations.batch')
    const answer = await send(body)
    expect(answer).toMatchObject({ status, body: { code } })
    expect(pointers(answer.body)?.toSorted()).toEqual(expected)
    expect(await server.database.query('select count(*) from evaluations.batch')).toEqual(before)
  })
})
