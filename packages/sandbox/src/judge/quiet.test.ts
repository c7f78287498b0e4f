import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTrial, stdio, type Trial } from './trial.ts'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(['javascript', 'typescript', 'java'])
})
afterAll(() => trial.close())

test.for([
  ['javascript', "import { basename } from 'node:path'\nconsole.log(basename('/a/b'))\n"],
  ['javascript', "const { basename } = require('node:path')\nconsole.log(basename('/a/b'))\n"],
  ['typescript', "import { basename } from 'node:path'\nenum E { A = 'b' }\nconsole.log(E.A === basename('/a/b') ? 'b' : '')\n"],
  ['typescript', "const { basename } = require('node:path') as typeof import('node:path')\nconsole.log(basename('/a/b'))\n"],
  ['java', 'public class Main { public static void main(String[] a) { System.out.println("b"); } }\n'],
])('a %s program’s standard error holds only what it wrote: %s', async ([language = '', code = '']) => {
  expect(await trial.judge({ language, code, tests: [stdio('', 'b')] })).toMatchObject({ verdict: 'accepted', stderr: '' })
})
