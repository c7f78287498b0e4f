/**
 * The whole product, as a client sees it: submitted, queued, run, stored, audited, streamed, answered. Asked over plain
 * HTTP, because what a client library spends on the same two cores is not what is measured.
 */
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { startProduct } from '../../packages/testkit/src/product.ts'
import type { Subject } from '../measure.ts'
import type { Program } from './programs.ts'

/** `forks` as the product comes, or with every run started cold. */
export async function wholeApi(program: Program, slots: number, forks: 'as it comes' | 'never'): Promise<Subject> {
  const never = forks === 'never' ? { CRUCIBLE_ENGINE_SETTINGS: 'fork-servers=never' } : {}
  const product = await startProduct({ env: { CRUCIBLE_SLOTS: String(slots), ...never } })
  const apiKey = (await readFile(product.keyFile, 'utf8')).trim()
  const agent = new Agent({ keepAlive: true })
  const url = `${product.url}/api/v1/evaluations?wait=30`
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ language: program.language, code: program.code })
  const submit = () =>
    new Promise<string>((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent, headers }, (response) => text(response).then(resolve, reject))
      sent.on('error', reject).end(body)
    })
  return {
    name: forks === 'never' ? 'whole API, cold' : 'whole API',
    async run() {
      const answer = await submit()
      if (!answer.includes('"verdict":"accepted"')) throw new Error(`the server answered ${answer.slice(0, 500)}`)
    },
    async close() {
      agent.destroy()
      await product.stop()
    },
  }
}
