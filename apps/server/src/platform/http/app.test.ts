import { appHarness, type Harness } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

let harness: Harness
beforeAll(async () => {
  harness = await appHarness()
})
afterAll(() => harness.close())

test('a key tells whose it is', async () => {
  const answer = await harness.alice.get('/me')
  expect(answer).toMatchObject({ status: 200, body: { organization: { slug: 'alice' }, user: { role: 'ORG_ADMIN' } } })
})
