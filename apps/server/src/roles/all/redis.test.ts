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

test('programs are judged, and Redis is where their entries were', async () => {
  const product = await startProduct({ env: { REDIS_URL: redis.url, CRUCIBLE_SLOTS: '1' } })
  try {
    const key = (await readFile(product.keyFile, 'utf8')).trim()
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const program = { language: 'python', code: 'print(6 * 7)' }
    // Several at once: a single one may go straight to the worker while nothing waits.
    const body = JSON.stringify({ evaluations: [program, program] })
    const created = await fetch(`${product.url}/api/v1/batches`, { method: 'POST', headers, body })
    const { id } = (await created.json()) as { id: string } // as the contract says
    await (await fetch(`${product.url}/api/v1/batches/${id}/stream`, { headers })).text() // ends when the batch has
    const batch = await (await fetch(`${product.url}/api/v1/batches/${id}`, { headers })).json()
    expect(batch).toMatchObject({ finished: 2, byVerdict: { accepted: 2 } })
    expect(await redis.command('GET', '{crucible}:evaluations:id').catch(String)).toBe('2')
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
