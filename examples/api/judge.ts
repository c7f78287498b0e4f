// Judges three answers to one small problem with the SDK, as one batch, and prints what each earned and why.
// CRUCIBLE_API_KEY=$(cat data/admin-key) node examples/api/judge.ts
import { createClient } from '@crucible/sdk'

const crucible = createClient({
  baseUrl: process.env['CRUCIBLE_URL'] ?? 'http://127.0.0.1:3000',
  apiKey: process.env['CRUCIBLE_API_KEY'],
})

const answers = {
  right: 'a, b = map(int, input().split())\nprint(a + b)',
  wrong: 'a, b = map(int, input().split())\nprint(a - b)',
  slow: 'while True: pass',
}
const tests = [
  { name: 'small', stdin: '3 4\n', expectedStdout: '7' },
  { name: 'zero', stdin: '0 0\n', expectedStdout: '0' },
]

// A function, so that a lost connection can send the lines again; one key makes the two sendings one batch.
const batch = await crucible.submitBatch(
  function* () {
    for (const code of Object.values(answers))
      yield { language: 'python', code, tests, limits: { wallMs: 2_000 }, stopAtFirstFailure: true }
  },
  { name: 'add two numbers' },
)
for await (const event of crucible.followBatch(batch.id))
  console.error(`${event.batch.finished} of ${event.batch.total} finished`)

for (const [index, name] of Object.keys(answers).entries()) {
  const id = batch.evaluations[index]
  if (id === undefined) throw new Error('the batch is shorter than what was sent')
  const { verdict, testResults } = await crucible.getEvaluation({ params: { evaluation: id } })
  console.log(
    `${name}: ${verdict} (${testResults.map((each) => `${each.name} ${each.result === null ? 'not run' : each.verdict}`).join(', ')})`,
  )
}
