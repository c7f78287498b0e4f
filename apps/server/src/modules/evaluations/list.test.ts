import type { Evaluation } from '@crucible/contracts'
import { type EvaluationsHarness, evaluationsHarness, playOut } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let server: EvaluationsHarness
type Page = { data: Evaluation[]; page: { nextCursor: string | null; hasMore: boolean } }
const page = async (query: string) => (await server.alice.get(`/evaluations?${query}`)).body as Page

beforeAll(async () => {
  server = await evaluationsHarness({ script: (job) => playOut(job, '', job.code === 'wrong' ? 'wrong_answer' : 'accepted') })
  for (let i = 0; i < 12; i++) {
    server.clock.turn(10) // ids sort by the time of their making
    await server.judge(server.alice, i % 4 === 0 ? 'wrong' : 'right', { language: i % 2 === 0 ? 'python' : 'bash' })
    await server.judge(server.bob, 'right')
  }
})
afterAll(() => server.close())

async function pages(query: string): Promise<Page[]> {
  const all = [await page(query)]
  for (let cursor = all[0]?.page.nextCursor; cursor != null; cursor = all.at(-1)?.page.nextCursor)
    all.push(await page(`${query}&cursor=${cursor}`))
  return all
}

test('the pages together are the whole list once, newest first, and nobody else’s', async () => {
  const all = await pages('limit=5')
  expect(all.map(({ data }) => data.length)).toEqual([5, 5, 2])
  const ids = all.flatMap(({ data }) => data.map(({ id }) => id))
  expect(ids).toEqual([...new Set(ids)].sort().reverse())
  expect(all.map(({ page }) => page.hasMore)).toEqual([true, true, false])
})

test.each([
  ['verdict=wrong_answer', 3],
  ['verdict=wrong_answer,accepted', 12],
  ['language=bash', 6],
  ['language=python@3.11', 6],
  ['language=python&verdict=accepted', 3],
  ['status=completed', 12],
  ['status=queued,running', 0],
  ['createdAfter=2000-01-01T00:00:00Z', 12],
  ['createdBefore=2000-01-01T00:00:00Z', 0],
])('%s is filtered before paging: full pages and %i in all', async (filter, count) => {
  const all = await pages(`${filter}&limit=2`)
  expect(all.flatMap(({ data }) => data)).toHaveLength(count)
  for (const { data } of all.slice(0, -1)) expect(data).toHaveLength(2)
})

test('a cursor serves only the list that it was made for', async () => {
  const { nextCursor } = (await page('limit=2&language=bash')).page
  const elsewhere = [
    await server.alice.get(`/evaluations?limit=2&language=python&cursor=${nextCursor}`),
    await server.alice.get(`/evaluations?limit=2&cursor=${nextCursor}`),
    await server.bob.get(`/evaluations?limit=2&language=bash&cursor=${nextCursor}`),
    await server.alice.get(`/evaluations?limit=2&language=bash&cursor=${nextCursor}x`),
    await server.alice.get('/evaluations?cursor=abc'),
  ]
  expect(elsewhere.map(({ status, body }) => [status, (body as { code: string }).code])).toEqual(
    Array(5).fill([400, 'invalid_cursor']),
  )
  expect((await server.alice.get(`/evaluations?limit=3&language=bash&cursor=${nextCursor}`)).status).toBe(200)
})

test('a filter by another organization’s project or batch looks like one that never existed', async () => {
  const foreign = await server.alice.get(`/evaluations?project=${server.bob.projectId}`)
  const never = await server.alice.get(`/evaluations?project=${server.newId('prj')}`)
  expect([foreign.status, never.status]).toEqual([404, 404])
  expect((await server.alice.get(`/evaluations?batch=${server.newId('btc')}`)).body).toMatchObject({ code: 'batch_not_found' })
})
