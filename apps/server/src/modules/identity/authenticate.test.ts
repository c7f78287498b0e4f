import { uuidOf } from '@crucible/contracts'
import { appHarness, buildMember, type Harness } from '@crucible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newIds, systemRandomness } from '../../platform/ids/index.ts'
import { issueKey, revokeKey } from './index.ts'

let harness: Harness
beforeAll(async () => {
  harness = await appHarness()
})
afterAll(() => harness.close())

const issue = (expiresAt?: Date) =>
  harness.db.tenant(harness.alice.organizationId, async (tx) => {
    const deps = { clock: harness.clock, newId: newIds(harness.clock, systemRandomness), randomness: systemRandomness }
    const { id, text } = await issueKey(tx, deps, {
      ...harness.alice,
      name: 'another',
      ...(expiresAt === undefined ? {} : { expiresAt }),
    })
    return { ...harness.alice, apiKeyId: id, key: text }
  })
const get = (authorization?: string) =>
  harness.as(null).get('/me', authorization === undefined ? {} : { headers: { authorization } })

describe('401, always the same', () => {
  test.each([
    ['no credential', undefined],
    ['another scheme', 'Basic YWxhZGRpbjpvcGVuc2VzYW1l'],
    ['no key', 'Bearer'],
    ['a malformed key', 'Bearer crk_short'],
    ['a key with odd characters', `Bearer crk_${'é'.repeat(32)}`],
    ['an unknown key', `Bearer crk_${'a'.repeat(32)}`],
    ['an overlong key', `Bearer crk_${'a'.repeat(4_000)}`],
    ['an injection', "Bearer ' or 1=1 --"],
  ])('%s', async (_name, authorization) => {
    const answer = await get(authorization)
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="crucible"' } })
    expect({ ...(answer.body as object), requestId: '' }).toEqual({ ...((await get()).body as object), requestId: '' })
  })

  test('a revoked key', async () => {
    const issued = await issue()
    expect((await harness.as(issued).get('/me')).status).toBe(200)
    expect(await harness.db.tenant(issued.organizationId, (tx) => revokeKey(tx, harness, issued.apiKeyId))).toBe(true)
    expect((await harness.as(issued).get('/me')).status).toBe(401)
  })

  test('an expired key', async () => {
    const issued = await issue(new Date(harness.clock.now().getTime() + 1_000))
    expect((await harness.as(issued).get('/me')).status).toBe(200)
    harness.clock.turn(1_001)
    expect((await harness.as(issued).get('/me')).status).toBe(401)
  })

  test('a key of a suspended member, from the next request on', async () => {
    const member = await buildMember(harness, harness.alice, 'carol', 'MEMBER')
    expect((await harness.as(member).get('/me')).status).toBe(200)
    await harness.database.query("update identity.membership set status = 'suspended' where user_id = $1", [
      uuidOf(member.userId),
    ])
    expect((await harness.as(member).get('/me')).status).toBe(401)
  })
})

test('a right that was taken away is gone at the next request', async () => {
  const member = await buildMember(harness, harness.alice, 'dave', 'MEMBER')
  const role = async () => ((await harness.as(member).get('/me')).body as { user: { role: string } }).user.role
  expect(await role()).toBe('MEMBER')
  await harness.database.query("update identity.membership set role = 'VIEWER' where user_id = $1", [uuidOf(member.userId)])
  expect(await role()).toBe('VIEWER')
  expect(await harness.as(member).post('/evaluations', { language: 'python', code: '' })).toMatchObject({
    status: 403,
    body: { code: 'permission_denied' },
  })
})

test('nothing of a body is looked at before the credential', async () => {
  expect((await harness.as(null).post('/evaluations', '{"half":')).status).toBe(401)
  expect(
    (await harness.as(null).post('/evaluations?nonsense=1', 'x', { headers: { 'content-type': 'text/plain' } })).status,
  ).toBe(401)
})

test('only the hash of a key is stored', async () => {
  const { key, apiKeyId } = await issue()
  const [row] = await harness.database.query<{ row: string }>('select k::text as row from identity.api_key k where id = $1', [
    uuidOf(apiKeyId),
  ])
  expect(row?.row).not.toContain(key.slice(8, -4))
  expect(key).toMatch(/^crk_[0-9A-Za-z]{32}$/)
})

test('the last use of a key is noted once a minute', async () => {
  const issued = await issue()
  const lastUsed = async () => {
    const [row] = await harness.database.query<{ at: Date }>('select last_used_at as at from identity.api_key where id = $1', [
      uuidOf(issued.apiKeyId),
    ])
    return row?.at?.getTime()
  }
  await harness.as(issued).get('/me')
  const first = harness.clock.now().getTime()
  expect(await lastUsed()).toBe(first)
  harness.clock.turn(59_000)
  await harness.as(issued).get('/me')
  expect(await lastUsed()).toBe(first)
  harness.clock.turn(1_000)
  await harness.as(issued).get('/me')
  expect(await lastUsed()).toBe(first + 60_000)
})
