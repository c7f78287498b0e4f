/** What a result says of how it was made. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { environment } from '../spec.ts'
import { openTrial, stdio, type Trial, trialLimits } from './trial.ts'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(['python', 'bash'], 1, process.getuid?.() === 0 ? 1_690_000_100 : null)
}, 120_000)
afterAll(() => trial.close())

const madeWith = async (language: string) => {
  const { events } = await trial.judge({ language, code: '' })
  const [first] = events
  return first?.type === 'started' ? environment.parse(first.environment) : null
}

test('engine, mechanisms, tool, machine, limits, what was set aside and what was set for the program', async () => {
  expect(await madeWith('python')).toEqual({
    engine: 'namespaces',
    engineVersion: expect.stringMatching(/\d/),
    isolation: 'kernel-shared',
    mechanisms: trial.engine.mechanisms,
    runtime: expect.stringMatching(/^python@3/),
    runtimeVersion: expect.stringMatching(/^Python 3/),
    imageDigest: null,
    kernel: expect.stringMatching(/^\d/),
    cpuModel: expect.any(String),
    limits: trialLimits,
    reservation: { slots: 1, ofSlots: 1 },
    variables: expect.objectContaining({ TZ: 'UTC', LC_ALL: 'C.UTF-8', PYTHONHASHSEED: '0' }),
    hostAtStart: { loadAverage: expect.any(Number), stealMs: expect.toSatisfy((ms) => ms === null || ms >= 0) },
    hostAtEnd: null,
  })
})

test('what is said to be set for the program is what it finds', async () => {
  const { stdout } = await trial.judge({ language: 'bash', code: 'printf "%s %s %s" "$TZ" "$LC_ALL" "$LANG"' })
  const { variables } = (await madeWith('bash')) ?? {}
  expect(stdout).toBe(`${variables?.['TZ']} ${variables?.['LC_ALL']} ${variables?.['LANG']}`)
})

test('a start is cold until runs keep coming, and forked then, with the same verdict', async () => {
  const job = { language: 'python', code: 'print(int(input()) + 1)', tests: [stdio('1', '2')] }
  const starts: (string | undefined)[] = []
  while (starts.length < 100 && starts.at(-1) !== 'forked') {
    const { verdict, run } = await trial.judge(job)
    expect(verdict).toBe('accepted')
    starts.push(run?.start)
  }
  expect([starts[0], starts.at(-1)]).toEqual(
    trial.engine.mechanisms.memoryBytes === 'sampled' ? ['cold', 'cold'] : ['cold', 'forked'],
  )
}, 60_000)

test('bytes to and from disks are told where they are counted, and never guessed', async () => {
  const { run } = await trial.judge({ language: 'bash', code: 'echo x > file' })
  const { ioReadBytes, ioWriteBytes, processesPeak } = run?.usage ?? {}
  for (const figure of [ioReadBytes, ioWriteBytes, processesPeak]) expect(figure === null || Number(figure) >= 0).toBe(true)
})
