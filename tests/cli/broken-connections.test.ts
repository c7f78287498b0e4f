/** The SDK against the real server, over a network that breaks: nothing is lost, nothing is doubled. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { bytesOf, createClient } from '@crucible/sdk'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Product, startProduct } from '../../packages/testkit/src/product.ts'

let product: Product
let proxy: Server | undefined
beforeAll(async () => {
  product = await startProduct()
})
afterEach(() => proxy?.close())
afterAll(() => product?.stop())

/** A wire to the server on which `onReply` may cut each connection as bytes come back. */
async function over(onReply: (chunk: Buffer, cut: () => void, forward: () => void) => void) {
  proxy = createServer((client: Socket) => {
    const server = connect(Number(new URL(product.url).port), '127.0.0.1')
    const cut = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.on('error', cut).on('close', cut)
    client.pipe(server)
    server.on('data', (chunk: Buffer) => onReply(chunk, cut, () => client.write(chunk)))
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo // listening on TCP
  const apiKey = readFileSync(product.keyFile, 'utf8').trim()
  return createClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey, timing: { random: () => 0 } })
}

const direct = () => createClient({ baseUrl: product.url, apiKey: readFileSync(product.keyFile, 'utf8').trim() })

test('a stream that is cut again and again delivers every byte once', async () => {
  const code =
    'import sys, time\nfor n in range(3000):\n    sys.stdout.write(f"{n}\\n")\n    sys.stdout.flush()\n    if n % 100 == 0: time.sleep(0.02)\n'
  let cuts = 0
  let bytes = 0
  const client = await over((chunk, cut, forward) => {
    bytes += chunk.byteLength
    forward()
    if (bytes < 3_000 || cuts >= 6) return
    bytes = 0
    cuts++
    cut()
  })
  const { id } = await direct().submitEvaluation({ body: { language: 'python', code } })
  const written: Uint8Array[] = []
  const ids: number[] = []
  for await (const followed of client.followEvaluation(id)) {
    ids.push(followed.id)
    if (followed.event.type === 'output') written.push(bytesOf(followed.event.base64))
  }
  expect(Buffer.concat(written).toString()).toBe(Array.from({ length: 3000 }, (_, n) => `${n}\n`).join(''))
  expect(ids).toEqual(ids.map((_, index) => index + 1))
  expect(cuts).toBeGreaterThanOrEqual(3)
})

test('a submission whose reply is lost is stored once', async () => {
  let cuts = 0
  const client = await over((_, cut, forward) => (cuts++ < 2 ? cut() : forward()))
  const before = await direct().listEvaluations({ query: { limit: 100 } })
  const { id } = await client.submitEvaluation({ body: { language: 'python', code: 'print("once")' }, query: { wait: 20 } })
  const after = await direct().listEvaluations({ query: { limit: 100 } })
  expect(after.data.length - before.data.length).toBe(1)
  expect(after.data[0]?.id).toBe(id)
  expect(cuts).toBeGreaterThan(2)
})

test('a batch whose reply is lost is stored once, in the order of its lines', async () => {
  let cuts = 0
  const client = await over((_, cut, forward) => (cuts++ < 1 ? cut() : forward()))
  const lines = function* () {
    for (let n = 0; n < 300; n++) yield { language: 'bash', code: `exit ${n % 2}`, metadata: { n } }
  }
  const before = await direct().listEvaluations({ query: { limit: 1 } })
  const batch = await client.submitBatch(lines)
  expect(batch.total).toBe(300)
  for (const index of [0, 150, 299]) {
    const { metadata } = await direct().getEvaluation({ params: { evaluation: batch.evaluations[index] ?? 'evl_' } })
    expect(metadata).toEqual({ n: index })
  }
  const newest = await direct().listEvaluations({ query: { limit: 1 } })
  expect(newest.data[0]?.batch).toBe(batch.id)
  expect(before.data[0]?.batch).not.toBe(batch.id)
  expect((await direct().cancelBatch({ params: { batch: batch.id } })).total).toBe(300)
})

test('a line that the server refuses stores nothing and is pointed at', async () => {
  const lines = [
    ...Array(50).fill({ language: 'bash', code: 'true' }),
    { language: 'bash', code: 'true', limits: { wallMs: -1 } },
  ]
  await expect(direct().submitBatch(lines)).rejects.toMatchObject({
    code: 'invalid_body',
    errors: [{ pointer: '/50/limits/wallMs' }],
  })
})

test('a refusal in the middle of a long upload arrives as the refusal', async () => {
  const lines = function* () {
    yield { language: 'bash', code: 'true', limits: { wallMs: -1 } }
    for (let n = 0; n < 9_999; n++) yield { language: 'bash', code: `# ${'x'.repeat(2_000)}` }
  }
  await expect(direct().submitBatch(lines)).rejects.toMatchObject({
    code: 'invalid_body',
    errors: [{ pointer: '/0/limits/wallMs' }],
  })
})
