import { CrucibleProblem } from '@crucible/sdk'
import { expect, test } from 'vitest'
import { downloadBytesMax, readWholeOutput } from './read-output.ts'

const behindTheEnd = () =>
  new CrucibleProblem({ type: 'x', title: 'x', status: 416, code: 'range_not_satisfiable', requestId: 'req_1' })

test('parts are read one after the other to the end, however the server tells where that is', async () => {
  const all = new Uint8Array([1, 2, 3, 4, 5])
  const byEmptyPart = await readWholeOutput(async (offset) => all.slice(offset, offset + 2))
  const byRefusal = await readWholeOutput(async (offset) => {
    if (offset >= all.length) throw behindTheEnd()
    return all.slice(offset, offset + 2)
  })
  for (const parts of [byEmptyPart, byRefusal]) expect(parts.flatMap((part) => [...part])).toEqual([...all])
})

test('an output without an end is not read for ever', async () => {
  const part = new Uint8Array(64 * 1024 * 1024)
  const parts = await readWholeOutput(async () => part)
  expect(parts.length * part.length).toBe(downloadBytesMax)
})

test('any other refusal is passed on', async () => {
  await expect(readWholeOutput(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
})
