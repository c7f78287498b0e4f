/** The whole product with its queue in Redis. */
import { readFile } from 'node:fs/promises'
import { startRedis, type TestRedis } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProduct } from '../../../../../packages/testkit/src/product.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

test('a program is judged, and Redis is where its entry was', async () => {
  const product = await startProduct({ env: { REDIS_URL: redis.url, CRUCIBLE_SLOTS: '1' } })
  try {
    const key = (await readFile(product.keyFile, 'utf8')).trim()
    const response = await fetch(`${product.url}/api/v1/evaluations?wait=30`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ language: 'python', code: 'print(6 * 7)' }),
    })
    expect(await response.json()).toMatchObject({ status: 'completed', verdict: 'accepted' })
    expect(await redis.command('GET', '{crucible}:evaluations:id').catch(String)).toBe('1')
    expect((await redis.command('KEYS', '*')).split('\n').filter((name) => !name.startsWith('{crucible}:'))).toEqual([])
  } finally {
    await product.stop()
  }
})

test('without its Redis it does not start, and says in one sentence why', async () => {
  await redis.fall()
  await expect(startProduct({ env: { REDIS_URL: redis.url, CRUCIBLE_SLOTS: '1' } })).rejects.toThrow(
    `The Redis of REDIS_URL (${redis.host}) cannot be used: connect ECONNREFUSED ${redis.host}; start or correct it, or unset REDIS_URL to keep the queue in PostgreSQL.`,
  )
})
