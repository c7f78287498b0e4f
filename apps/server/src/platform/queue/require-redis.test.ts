import { once } from 'node:events'
import { createServer } from 'node:net'
import { freePort, startRedis, type TestRedis } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openQueue } from './open.ts'
import { connectRedis } from './redis.ts'
import { requireRedis } from './require-redis.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

test('a Redis that may evict keys is refused, and one that keeps all is not', async () => {
  await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
  const backend = { kind: 'redis', url: redis.url } as const
  await expect(openQueue('refused', backend, () => {})).rejects.toThrow(
    'The Redis of REDIS_URL has the maxmemory-policy allkeys-lru and could drop queued work; set it to noeviction.',
  )
  await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
  await expect(requireRedis(redis.url, 5_000)).resolves.toMatchObject({ isCluster: false, login: { password: 'of-the-test' } })
})

test('a user who may not ask for the policy is told what to check', async () => {
  await redis.command('ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', '-info', '-config')
  await expect(requireRedis(`redis://limited:secret@${redis.host}`, 5_000)).rejects.toThrow(
    `The Redis of REDIS_URL (${redis.host}) does not let its user read INFO; allow it, and check that its maxmemory-policy is noeviction.`,
  )
})

test('a user who may not change or read the configuration is enough', async () => {
  await redis.command('ACL', 'SETUSER', 'plain', 'on', '>secret', '~*', '&*', '+@all', '-config')
  await expect(requireRedis(`redis://plain:secret@${redis.host}`, 5_000)).resolves.toMatchObject({ isCluster: false })
})

test.each([
  ['nobody listens', async () => `redis://127.0.0.1:${await freePort()}`, 'ECONNREFUSED'],
  ['the password is wrong', async () => `redis://:wrong-secret@${redis.host}`, 'WRONGPASS'],
  ['the password is missing', async () => `redis://${redis.host}`, 'NOAUTH'],
  ['TLS meets none', async () => `rediss://:wrong-secret@${redis.host}`, 'cannot be used'],
  ['the database does not exist', async () => `${redis.url}/999`, 'DB index is out of range'],
])('when %s it is a sentence, without the password', async (_, url, why) => {
  const error = await requireRedis(await url(), 1_000).catch((caught: unknown) => caught)
  expect(String(error)).toContain(why)
  expect(String(error)).toContain('or unset REDIS_URL to keep the queue in PostgreSQL.')
  expect(String(error)).not.toContain('secret')
})

test('one that accepts and never answers is given up', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as { port: number } // an object, because it listens on TCP
  await expect(requireRedis(`redis://127.0.0.1:${port}`, 300)).rejects.toThrow('no answer within 0.3 s')
  silent.close()
})

test('a cluster whose nodes tell addresses that nobody can reach is a sentence too', async () => {
  const node = await startRedis({
    'cluster-enabled': 'yes',
    'cluster-port': String(await freePort()),
    'cluster-announce-ip': '127.0.0.1',
    'cluster-announce-port': String(await freePort()),
  })
  await node.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  await expect(connectRedis(node.url, () => {}, 1_000)).rejects.toThrow(
    `The Redis of REDIS_URL (${node.host}) cannot be used: no node can be reached at the address that it tells; start or`,
  )
  await node.stop()
})
