import type { Evaluation } from '@crucible/contracts'
import { buildMember, type EvaluationsHarness, evaluationsHarness, hungUp, playOut, started } from '@crucible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let server: EvaluationsHarness
const slow = { language: 'python', code: 'hang' }

beforeAll(async () => {
  server = await evaluationsHarness({
    async script(job) {
      if (job.code !== 'hang') return playOut(job, job.code)
      job.emit(started)
      await hungUp(job)
    },
  })
})
afterAll(() => server.close())

const key = (value: string) => ({ headers: { 'idempotency-key': value.replaceAll(' ', '-') } })

describe('an Idempotency-Key', () => {
  test('with the same body gives the same evaluation, and says so', async () => {
    const first = await server.alice.post('/evaluations', { language: 'python', code: '1' }, key('a'))
    const again = await server.alice.post('/evaluations', { language: 'python', code: '1' }, key('a'))
    expect([first.status, again.status]).toEqual([202, 202])
    expect((again.body as Evaluation).id).toBe((first.body as Evaluation).id)
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true'])
  })

  test('with the same body and ?wait gives the finished evaluation', async () => {
    await server.alice.post('/evaluations', { language: 'python', code: '1' }, key('w'))
    const again = await server.alice.post('/evaluations?wait=30', { language: 'python', code: '1' }, key('w'))
    expect(again).toMatchObject({ status: 200, body: { status: 'completed' }, headers: { 'idempotency-replayed': 'true' } })
  })

  test.each([
    ['another body', '/evaluations', { language: 'python', code: '2' }],
    ['another default', '/evaluations', { language: 'python', code: '1', stopAtFirstFailure: true }],
    ['a batch', '/batches', { evaluations: [{ language: 'python', code: '1' }] }],
  ])('with %s is refused', async (name, path, body) => {
    await server.alice.post('/evaluations', { language: 'python', code: '1' }, key(name))
    expect(await server.alice.post(path, body, key(name))).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } })
  })

  test('sent twice at once makes one evaluation: the other request is told that it is in flight, or replayed', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => server.alice.post('/evaluations', { language: 'python', code: '3' }, key('at once'))),
    )
    expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true)
    for (const answer of answers.filter(({ status }) => status === 409)) {
      expect(answer.body).toMatchObject({ code: 'idempotency_in_flight' })
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    expect(new Set(answers.flatMap(({ status, body }) => (status === 202 ? [(body as Evaluation).id] : []))).size).toBe(1)
  })

  test('of one organization or user is nobody else’s', async () => {
    const carol = server.as(await buildMember(server, server.alice, 'carol', 'MEMBER'))
    const ids = await Promise.all(
      [server.alice, server.bob, carol].map(async (caller) => {
        const answer = await caller.post('/evaluations', { language: 'python', code: '4' }, key('mine'))
        return (answer.body as Evaluation).id
      }),
    )
    expect(new Set(ids).size).toBe(3)
  })

  test('is forgotten after a day', async () => {
    const first = await server.alice.post('/evaluations', { language: 'python', code: '5' }, key('old'))
    await server.database.query(
      `update evaluations.idempotency_key set created_at = now() - interval '25 hours' where key = 'old'`,
    )
    const again = await server.alice.post('/evaluations', { language: 'python', code: 'other' }, key('old'))
    expect(again.status).toBe(202)
    expect((again.body as Evaluation).id).not.toBe((first.body as Evaluation).id)
  })
})

describe('a submission is refused precisely', () => {
  test.each([
    ['an unknown language', { language: 'pyhton', code: '' }, 'unknown_runtime', '/language', 'python@3'],
    ['an unknown version', { language: 'python@2', code: '' }, 'unknown_runtime', '/language', 'GET /api/v1/runtimes'],
    ['a limit over its maximum', { ...slow, limits: { wallMs: 10_000_000 } }, 'limit_exceeded', '/limits/wallMs', '300000'],
    [
      'a limit that nobody can enforce',
      { ...slow, limits: { diskBytes: 1_000_000 } },
      'engine_cannot_enforce',
      '/limits/diskBytes',
      'enforce',
    ],
  ])('%s', async (_, body, code, pointer, says) => {
    const answer = await server.alice.post('/evaluations', body)
    expect(answer).toMatchObject({ status: 422, body: { code, errors: [{ pointer, detail: expect.stringContaining(says) }] } })
  })

  test('priority high without the right to it', async () => {
    const carol = server.as(await buildMember(server, server.alice, 'carla', 'MEMBER'))
    expect(await carol.post('/evaluations', { ...slow, priority: 'high' })).toMatchObject({
      status: 403,
      body: { code: 'permission_denied' },
    })
  })

  test('by a viewer', async () => {
    const viewer = server.as(await buildMember(server, server.alice, 'victor', 'VIEWER'))
    expect((await viewer.post('/evaluations', slow)).status).toBe(403)
  })

  test('into another organization’s project, as into one that never existed', async () => {
    const never = await server.alice.post(`/projects/${server.newId('prj')}/evaluations`, slow)
    const theirs = await server.alice.post(`/projects/${server.bob.projectId}/evaluations`, slow)
    expect([never.status, theirs.status]).toEqual([404, 404])
    expect(theirs.body).toMatchObject({ code: 'project_not_found' })
  })
})

test('hostile text is stored and shown unharmed', async () => {
  const code = 'print("\0\u202e\u0007\ufeff💥")\r\n'
  const { id } = await server.judge(server.alice, code, { stdin: '\0\ud83d\ude00', args: ['\u202e'], metadata: { a: '\u202e"' } })
  expect(await server.read(server.alice, id)).toMatchObject({
    files: [{ content: code }],
    stdin: '\0😀',
    args: ['\u202e'],
    metadata: { a: '\u202e"' },
  })
  const output = await server.alice.get(`/evaluations/${id}/output`)
  expect(output.text).toBe(code)
})

test('the end is answered as soon as it is known, without polling', async () => {
  const began = performance.now()
  await server.judge(server.alice, 'quick')
  expect(performance.now() - began).toBeLessThan(4_000) // the second look would come after five seconds
})

test('a client that goes away ends its waiting and not the evaluation', async () => {
  const url = await server.listen()
  const gone = new AbortController()
  const asked = fetch(`${url}/api/v1/evaluations?wait=60`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.alice.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...slow, metadata: { which: 'abandoned' } }),
    signal: gone.signal,
  })
  const id = await new Promise<Evaluation['id']>((resolve) => {
    const look = async () => {
      const { data } = (await server.alice.get('/evaluations?status=running')).body as { data: Evaluation[] }
      const [first] = data
      if (first !== undefined) resolve(first.id)
      else setTimeout(look, 10)
    }
    void look()
  })
  gone.abort()
  await expect(asked).rejects.toThrow()
  expect((await server.read(server.alice, id)).status).toBe('running')
  expect((await server.alice.post(`/evaluations/${id}/cancel`)).body).toMatchObject({ status: 'cancelled' })
})

test('a submission leaves one audit row', async () => {
  const { id } = await server.judge(server.alice, 'audited')
  const rows = await server.database.query<{ action: string }>(
    `select body->>'action' as action from audit.event where body->>'target' = $1`,
    [id],
  )
  expect(rows).toEqual([{ action: 'evaluation.submitted' }])
})
