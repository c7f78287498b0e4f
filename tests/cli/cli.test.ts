/** The command line against the real product: a real database, the real executor, real sandboxes. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CliOptions, runCli, startCli } from '../../packages/testkit/src/cli.ts'
import { type Product, startProduct } from '../../packages/testkit/src/product.ts'

let product: Product
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crucible-cli-'))
  product = await startProduct()
})
afterAll(async () => {
  await product?.stop()
  await rm(folder, { recursive: true, force: true })
})

const crucible = (args: string[], options?: CliOptions) => runCli(product, args, options)
async function program(name: string, code: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, code)
  return path
}
async function json(args: string[]) {
  const { stdout, stderr, code } = await crucible(args)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return JSON.parse(stdout.toString())
}

test('run shows both streams apart, passes arguments and input, and ends with the program’s code', async () => {
  const file = await program(
    'both.py',
    'import sys\nprint("out", sys.argv[1:], input())\nprint("err", file=sys.stderr)\nsys.exit(7)\n',
  )
  const { code, stdout, stderr } = await crucible(['run', '--quiet', '--stdin', '-', file, '--flag', 'a b'], { stdin: 'typed\n' })
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({
    code: 7,
    stdout: "out ['--flag', 'a b'] typed\n",
    stderr: 'err\n',
  })
})

test('bytes reach a pipe unchanged', async () => {
  const file = await program('bytes.py', 'import sys\nsys.stdout.buffer.write(bytes(range(256)))\n')
  const { stdout } = await crucible(['run', '--quiet', file])
  expect(stdout).toEqual(Buffer.from(Array.from({ length: 256 }, (_, index) => index)))
})

test('the summary says what the program earned and where to look', async () => {
  const { stderr } = await crucible(['run', await program('hello.py', 'print("hello")')])
  expect(stderr).toMatch(/^crucible: accepted · exit 0 · .* · python@3\.\d+ · evl_[0-9a-z]{26}\n$/)
})

test('a limit ends a program with 124, its output kept', async () => {
  const file = await program('loop.py', 'print("before", flush=True)\nwhile True: pass\n')
  const { code, stdout, stderr } = await crucible(['run', '--time', '500ms', file])
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 124, stdout: 'before\n' })
  expect(stderr).toContain('time limit')
})

test('a signal ends a program with 128 and its number', async () => {
  const file = await program('abort.py', 'import os\nos.kill(os.getpid(), 6)\n')
  expect((await crucible(['run', file])).code).toBe(134)
})

test('what does not compile ends with 126, and the compiler’s words are on standard error', async () => {
  const { code, stdout, stderr } = await crucible(['run', await program('broken.c', 'int main( {')])
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 126, stdout: '' })
  expect(stderr).toContain('error:')
})

test('--json is one document with both streams as bytes', async () => {
  const result = await json(['run', '--json', await program('json.py', 'print("é")')])
  expect(result).toMatchObject({
    exitCode: 0,
    stdout: { text: 'é\n', base64: 'w6kK' },
    stderr: { text: '' },
    evaluation: { verdict: 'accepted' },
  })
})

test('--json says what the verdict was made with', async () => {
  const { evaluation, environment } = await json(['run', '--json', '--isolation', 'kernel-shared', await program('made.py', '')])
  expect(evaluation).toMatchObject({
    requires: { isolation: 'kernel-shared', engines: null },
    result: { start: expect.stringMatching(/^(cold|forked)$/) },
  })
  expect(environment).toMatchObject({
    engine: 'namespaces',
    reservation: { slots: 1 },
    limits: evaluation.limits,
    variables: { TZ: 'UTC', LC_ALL: 'C.UTF-8', PYTHONHASHSEED: '0' },
    hostAtStart: { loadAverage: expect.any(Number) },
    hostAtEnd: { loadAverage: expect.any(Number) },
  })
})

test('a policy is set and shown, and what nothing here isolates well enough is refused with the way out', async () => {
  const file = await program('strong.py', 'print(1)')
  expect(await json(['policy', '--json', '--least', 'kernel-shared'])).toMatchObject({ least: 'kernel-shared', engines: null })
  expect((await crucible(['policy'])).stdout.toString()).toBe('organization: at least kernel-shared, by any engine\n')
  const weaker = await crucible(['run', '--isolation', 'process', file])
  expect(weaker).toMatchObject({ code: 125, stderr: expect.stringContaining('the policy here asks for at least kernel-shared') })
  const stronger = await crucible(['submit', '--isolation', 'kernel-private', file])
  expect(stronger.code).toBe(125)
  expect(stronger.stderr).toMatch(/needs isolation of at least kernel-private.*namespaces \(kernel-shared\).*gvisor/s)
  expect(stronger.stderr).toContain('crucible doctor')
  await json(['policy', '--json', '--least', 'none', '--engines', 'any'])
})

test('output is live: the first line arrives while the program still runs', async () => {
  const file = await program('slow.py', 'import time\nprint("first", flush=True)\ntime.sleep(30)\n')
  const { child, ended } = startCli(product, ['run', '--time', '60s', file])
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  expect(chunk.toString()).toBe('first\n')
  child.kill('SIGINT')
  expect((await ended).code).toBe(130)
})

test('Ctrl-C cancels the evaluation, not just the watching of it', async () => {
  const file = await program('sleep.py', 'import time\nprint("go", flush=True)\ntime.sleep(30)\n')
  const { child, ended } = startCli(product, ['run', '--time', '60s', file])
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const { code, stderr } = await ended
  expect(code).toBe(130)
  const id = /evl_[0-9a-z]{26}/.exec(stderr)?.[0] ?? ''
  const { data } = await json(['list', '--json', '--status', 'cancelled'])
  expect(data.map((each: { id: string }) => each.id)).toContain(id)
})

test('a reader that goes away cancels an endless program', async () => {
  const file = await program('endless.py', 'while True: print("y" * 100)\n')
  const { child, ended } = startCli(product, ['run', '--output', '64MiB', '--time', '60s', file])
  await once(child.stdout, 'data')
  child.stdout.destroy()
  expect((await ended).code).toBe(141)
})

test('submit, watch and logs: the same evaluation seen three ways', async () => {
  const id = (await crucible(['submit', await program('later.py', 'print("later")')])).stdout.toString().trim()
  expect(id).toMatch(/^evl_/)
  expect((await crucible(['watch', '--quiet', id])).stdout.toString()).toBe('later\n')
  expect((await crucible(['logs', id])).stdout.toString()).toBe('later\n')
  const events = (await crucible(['watch', '--json', id])).stdout.toString().trim().split('\n')
  expect(events.map((line) => JSON.parse(line).type).at(-1)).toBe('finished')
})

test('the same --idempotency-key is the same evaluation', async () => {
  const file = await program('once.py', 'print(1)')
  const submit = async () => (await crucible(['submit', '--idempotency-key', 'the-same', file])).stdout.toString()
  expect(await submit()).toBe(await submit())
})

test('list filters, and goes on where a page ended', async () => {
  for (const n of [1, 2, 3]) await crucible(['run', '--quiet', await program(`fails${n}.sh`, 'exit 3')])
  const first = await json(['list', '--json', '--language', 'bash', '--verdict', 'runtime_error', '--limit', '2'])
  const rest = await json([
    'list',
    '--json',
    '--language',
    'bash',
    '--verdict',
    'runtime_error',
    '--cursor',
    first.page.nextCursor,
  ])
  expect([first.data.length, rest.data.length]).toEqual([2, 1])
  expect((await crucible(['list', '--language', 'bash'])).stdout.toString()).toMatch(
    /^ID .*\n(evl_\S+ +completed +runtime_error +bash@\S+ .*\n){3}$/,
  )
})

test('cancel is no error for what has finished', async () => {
  const { evaluation } = await json(['run', '--json', await program('done.py', '')])
  expect((await crucible(['cancel', evaluation.id])).stdout.toString()).toBe(`${evaluation.id}  completed\n`)
})

test('runtimes and doctor say what can run here', async () => {
  expect((await crucible(['runtimes'])).stdout.toString()).toMatch(/^RUNTIME .*\n(.*\n)*python@3/)
  const { code, stdout } = await crucible(['doctor'])
  expect(stdout.toString()).toMatch(/executor .*isolation[\s\S]*This machine/)
  expect(stdout.toString()).toMatch(/cannot Sandboxes share the kernel/)
  for (const engine of ['namespaces', 'oci', 'gvisor', 'docker', 'kubernetes', 'process'])
    expect(stdout.toString()).toMatch(new RegExp(`engine ${engine} \\(.+\\): (available|not available, because: .+ → .+)`))
  expect(code).toBe(0)
})

test('an unknown language names what there is', async () => {
  const { code, stderr } = await crucible(['run', '-l', 'cobol', await program('x.py', '')])
  expect(code).toBe(125)
  expect(stderr).toContain('crucible runtimes')
  expect((await crucible(['run', await program('x.unknown', '')])).stderr).toContain('give --language')
})

test('a wrong key is told apart from no key', async () => {
  expect((await crucible(['list'], { env: { CRUCIBLE_API_KEY: 'crk_wrong' } })).stderr).toContain(
    'CRUCIBLE_API_KEY is not one of this server',
  )
  expect((await crucible(['list'], { env: { CRUCIBLE_DATA_DIR: folder } })).stderr).toContain('No key was sent')
})

test('no server: how to start one', async () => {
  const { code, stderr } = await runCli({ url: 'http://127.0.0.1:1', dataDir: folder }, ['list'])
  expect(code).toBe(125)
  expect(stderr).toContain('npm start')
})

test('a file that is no text arrives as it is', async () => {
  const input = await program('input.bin', new Uint8Array([0, 255, 254]))
  const file = await program('reads.py', 'print(open("input.bin", "rb").read())')
  expect((await crucible(['run', '--quiet', '--file', input, file])).stdout.toString()).toBe("b'\\x00\\xff\\xfe'\n")
})

// Judging a benchmark of our own: two tasks, one of them with samples that fail in different ways.

const task = (n: number) => ({
  task_id: `Own/${n}`,
  prompt: 'def twice(n):\n',
  entry_point: 'twice',
  canonical_solution: '    return 2 * n\n',
  test: 'def check(f):\n    assert f(2) == 4\n',
})
const jsonl = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n')

test('eval estimates pass@k, names what fails and writes a report', async () => {
  const dataset = await program('own.jsonl', jsonl([task(1), task(2)]))
  const answers = ['    return n + n\n', '    return n\n', '    import os; os._exit(0)\n', '    raise SystemExit(0)\n']
  const samples = await program(
    'samples.jsonl',
    jsonl([1, 2].flatMap((n) => answers.slice(0, 2 * n).map((completion) => ({ task_id: `Own/${n}`, completion })))),
  )
  const report = join(folder, 'report.json')
  const { code, stdout, stderr } = await crucible([
    'eval',
    dataset,
    '--samples',
    samples,
    '-k',
    '1,2',
    '--min-pass',
    '0.5',
    '--report',
    report,
  ])
  expect({ code, stderr }).toMatchObject({ code: 1 })
  expect(stdout.toString()).toContain('2 of 6 accepted')
  expect(stdout.toString()).toContain('pass@1 = 0.3750\npass@2 = 0.7500\nFailing (2): Own/1, Own/2')
  const written = JSON.parse(await readFile(report, 'utf8'))
  expect(written).toMatchObject({ version: 1, total: 6, accepted: 2, notJudged: [] })
  expect(written.samples[0]).toMatchObject({
    taskId: 'Own/1',
    sample: 0,
    verdict: 'accepted',
    evaluation: expect.stringMatching(/^evl_/),
  })
})

test('eval gives the same verdicts one by one', async () => {
  const dataset = await program(
    'own2.jsonl',
    jsonl(Array.from({ length: 12 }, (_, n) => (n % 3 ? task(n) : { ...task(n), canonical_solution: '    return 5\n' }))),
  )
  const failing = async (...flags: string[]) => (await json(['eval', dataset, '--json', ...flags])).failing
  expect(await failing('--concurrency', '4')).toEqual(await failing())
})

test('an interrupted eval cancels its batch', async () => {
  const slow = { ...task(1), canonical_solution: '    import time; time.sleep(15); return 4\n' }
  const dataset = await program('slow.jsonl', jsonl(Array.from({ length: 6 }, (_, n) => ({ ...slow, task_id: `Own/${n}` }))))
  const { child, ended } = startCli(product, ['eval', dataset, '--name', 'to be interrupted'])
  // The first progress line says that the batch is stored.
  await new Promise<void>((resolve) => child.stderr.on('data', (chunk: Buffer) => chunk.includes('/6') && resolve()))
  child.kill('SIGINT')
  expect((await ended).code).toBe(130)
  const { data } = await json(['list', '--json', '--limit', '6'])
  expect(data.map((each: { status: string }) => each.status)).toEqual(Array(6).fill('cancelled'))
})
