/** Every example is run, with what its README says about it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../packages/testkit/src/cli.ts'
import { type Product, startProduct } from '../packages/testkit/src/product.ts'

const examples = join(import.meta.dirname, '../examples')
let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product?.stop())

const greetings: Readonly<Record<string, string>> = {
  'hello.py': 'Hello, Ada, from Python 3.',
  'hello.js': 'Hello, Ada, from Node 24.',
  'hello.ts': 'Hello, Ada, from TypeScript\n',
  'hello.sh': 'Hello, Ada, from bash 5',
  'hello.c': 'Hello, Ada, from C\n',
  'hello.cpp': 'Hello, Ada, from C++\n',
  'Hello.java': 'Hello, Ada, from Java\n',
}

test.each(readdirSync(join(examples, 'programs')))('programs/%s greets', async (name) => {
  const { code, stdout, stderr } = await runCli(product, ['run', join(examples, 'programs', name), 'Ada'])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(stdout.toString()).toContain(greetings[name] ?? 'no greeting is known for this file')
})

const hostile: Readonly<Record<string, { flags: string[]; code: number; shows: RegExp }>> = {
  'fork-bomb.py': { flags: ['--processes', '32'], code: 0, shows: /^stopped after ([1-9]|[12]\d|3[01]) processes/ },
  'memory-bomb.py': { flags: ['--memory', '128MiB'], code: 124, shows: /^16 MiB\n/ },
  'endless-loop.py': { flags: ['--time', '500ms'], code: 124, shows: /^$/ },
  'endless-output.py': { flags: ['--output', '64KiB'], code: 124, shows: /^A{1023}\n/ },
  'read-shadow.py': {
    flags: [],
    code: 0,
    shows:
      /^(\S+: (No such file or directory|Permission denied|Read-only file system|read \d+ bytes)\n){4}secrets in the environment: \[\]\n$/,
  },
  'network.py': { flags: [], code: 0, shows: /^(\S+ refused: .*\n){4}$/ },
  'terminal.py': { flags: [], code: 0, shows: /all that is left is this line/ },
  'forged-pass.py': { flags: [], code: 0, shows: /^PASSED\n$/ },
}

test.each(readdirSync(join(examples, 'hostile')))('hostile/%s does no harm', async (name) => {
  const expected = hostile[name]
  if (expected === undefined) throw new Error(`what is expected of ${name}?`)
  const { code, stdout, stderr } = await runCli(product, ['run', ...expected.flags, join(examples, 'hostile', name)])
  expect({ code, stderr }).toMatchObject({ code: expected.code })
  expect(stdout.toString()).toMatch(expected.shows)
  expect(stdout.toString()).not.toMatch(/root:|opened for writing|reached/)
})

test('the README says of every hostile program what it ends with', () => {
  const readme = readFileSync(join(examples, 'README.md'), 'utf8').split('\n')
  for (const [name, { code }] of Object.entries(hostile)) {
    expect(
      readme.filter((line) => line.startsWith(`| \`hostile/${name}\``)).map((line) => line.split('|').at(-2)?.trim()),
    ).toEqual([String(code)])
  }
})

const scripts: Readonly<Record<string, RegExp>> = {
  'run.sh': /^evl_[0-9a-z]{26} accepted\n42\n$/,
  'follow.sh': /"type":"output"[\s\S]*"type":"finished"/,
  'judge.ts':
    /^right: accepted \(small accepted, zero accepted\)\nwrong: wrong_answer \(small wrong_answer, zero not run\)\nslow: time_limit /,
}

/** Without CI a missing tool leaves out what needs it; the set-up has said so. */
const canRun = (name: string) => process.env['CI'] !== undefined || !name.endsWith('.sh') || existsSync('/usr/bin/curl')

for (const name of readdirSync(join(examples, 'api'))) {
  test.skipIf(!canRun(name))(`api/${name} works as it stands`, async () => {
    const file = join(examples, 'api', name)
    const env = {
      PATH: process.env['PATH'],
      CRUCIBLE_URL: product.url,
      CRUCIBLE_API_KEY: readFileSync(product.keyFile, 'utf8').trim(),
    }
    const child = spawn(name.endsWith('.ts') ? process.execPath : 'bash', [file], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    const [code] = await once(child, 'close')
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(scripts[name] ?? /no output is known for this file/)
  })
}
