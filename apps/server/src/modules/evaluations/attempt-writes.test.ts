import { uuidOf } from '@crucible/contracts'
import { type EvaluationsHarness, evaluationsHarness, judgement, playOut, started } from '@crucible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db } from '../../platform/db/index.ts'
import { createHub } from '../../platform/events/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import { createAttemptWrites } from './attempt-writes.ts'
import { createInFlight } from './in-flight.ts'
import { claim, lose } from './moves.ts'

let server: EvaluationsHarness
const environment = started.type === 'started' ? started.environment : expect.unreachable()
const nothing = { entries: [], stdoutBytes: 0, stderrBytes: 0 }

beforeAll(async () => {
  server = await evaluationsHarness({ hasWorker: false, script: playOut })
})
afterAll(() => server.close())

/** The real database over a line that breaks: before the work arrives, or after its commit, when only the answer is lost. */
function flappingLine(ends: readonly ('before' | 'after' | 'never')[]): Pick<Db, 'tenant'> {
  let count = 0
  return {
    async tenant(organizationId, work) {
      const breaks = ends[count++ % ends.length]
      if (breaks === 'before') throw refuse('unavailable')
      const result = await server.db.tenant(organizationId, work)
      if (breaks === 'after') throw refuse('unavailable')
      return result
    },
  }
}

async function claimed(line: Pick<Db, 'tenant'>) {
  const { organizationId } = server.alice
  const { id } = await server.submit(server.alice, 'x')
  const taken = await server.db.tenant(organizationId, (tx) =>
    claim(
      tx,
      { organizationId, id },
      { attemptId: server.newId('att'), executor: 'x', engine: 'x', isolation: 'process' as const, leaseMs: 60_000 },
    ),
  )
  if (taken === null) return expect.unreachable()
  const hand = createInFlight(createHub(), () => {}).open(organizationId, id)
  const held = { organizationId, id, attempt: taken.attempt }
  return { id, held, hand, writes: createAttemptWrites(line, hand, held, taken.event_seq) }
}

const kinds = async (id: `evl_${string}`) =>
  (
    await server.database.query<{ seq: number; name: string }>(
      'select seq::int, coalesce(status, run, kind) as name from evaluations.event where evaluation_id = $1 order by seq',
      [uuidOf(id)],
    )
  ).map(({ seq, name }) => `${seq} ${name}`)

test.each([
  ['before each write', ['before', 'never', 'never']],
  ['after each commit', ['after', 'never']],
  ['before and after', ['after', 'before', 'never', 'never']],
] as const)('a line that breaks %s loses nothing and writes nothing twice', async (_, ends) => {
  const { id, writes } = await claimed(flappingLine(ends))
  expect(await writes.start({ environment, agoMs: 0 }, nothing)).toBe(true)
  for (const run of ['run', 'test:1'])
    expect(await writes.progress({ ...nothing, entries: [{ kind: 'run_started', run }] })).toBe(true)
  expect(await writes.complete({ judgement: judgement('accepted'), hostAtEnd: null }, nothing, null)).toBe(true)
  expect(await kinds(id)).toEqual([
    '1 submitted',
    '2 queued',
    '3 provisioning',
    '4 running',
    '5 run',
    '6 test:1',
    '7 completed',
    '8 finished',
  ])
})

test('start and end of a short program over such a line are written once as well', async () => {
  const { id, writes } = await claimed(flappingLine(['after', 'never']))
  expect(
    await writes.complete(
      { judgement: judgement('accepted'), hostAtEnd: null },
      { ...nothing, entries: [{ kind: 'run_started', run: 'run' }] },
      { environment, agoMs: 1 },
    ),
  ).toBe(true)
  expect(await kinds(id)).toEqual([
    '1 submitted',
    '2 queued',
    '3 provisioning',
    '4 running',
    '5 run',
    '6 completed',
    '7 finished',
  ])
})

test('who has lost the attempt meanwhile writes nothing, however often it tries', async () => {
  const { id, held, writes } = await claimed(flappingLine(['before', 'never', 'never']))
  await server.db.tenant(held.organizationId, (tx) => lose(tx, held, { end: 'lease_expired', detail: '', isCounted: true }))
  expect(await writes.start({ environment, agoMs: 0 }, nothing)).toBe(false)
  expect(await kinds(id)).toEqual(['1 submitted', '2 queued', '3 provisioning', '4 reset', '5 queued'])
})

test('a line that stays broken is given up when the attempt is told to stop', async () => {
  const { hand, writes } = await claimed(flappingLine(['before']))
  const writing = writes.start({ environment, agoMs: 0 }, nothing)
  hand.stop('fenced')
  await expect(writing).rejects.toMatchObject({ code: 'unavailable' })
})
