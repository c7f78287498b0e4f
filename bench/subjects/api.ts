/** The whole product, as a client sees it: submitted, queued, run, stored, audited, streamed, answered. */
import { readFile } from 'node:fs/promises'
import { createClient } from '@crucible/sdk'
import { startProduct } from '../../packages/testkit/src/product.ts'
import type { Subject } from '../measure.ts'
import type { Program } from './programs.ts'

export async function wholeApi(program: Program, slots: number): Promise<Subject> {
  const product = await startProduct({ env: { CRUCIBLE_SLOTS: String(slots) } })
  const apiKey = (await readFile(product.keyFile, 'utf8')).trim()
  const client = createClient({ baseUrl: product.url, apiKey })
  return {
    name: 'whole API',
    async run() {
      const body = { language: program.language, code: program.code }
      const evaluation = await client.submitEvaluation({ body, query: { wait: 30 } })
      if (evaluation.verdict !== 'accepted') throw new Error(`${evaluation.id}: ${evaluation.status}, ${evaluation.verdict}`)
    },
    close: product.stop,
  }
}
