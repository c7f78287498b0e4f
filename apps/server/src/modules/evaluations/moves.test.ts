/** Whatever order claims, results, losses, reaping and cancels come in: one end, no token twice, no gap in the log. */
import { can, type EvaluationId, isTerminal, type Status, statuses, uuidOf, verdicts } from '@crucible/contracts'
import { type EvaluationsHarness, evaluationsHarness, judgement, playOut, started } from '@crucible/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TenantTx } from '../../platform/db/index.ts'
import { createDispatch } from './dispatch.ts'
import { cancelRow, claim, complete, type HeldAt, lose, progress, start } from './moves.ts'
import { findRow } from './read.ts'
import { reap } from './reap.ts'

let server: EvaluationsHarness
const nothing = { entries: [], stdoutBytes: 0, stderrBytes: 0 }
const environment = started.type === 'started' ? started.environment : expect.unreachable()

beforeAll(async () => {
  server = await evaluationsHarness({ hasWorker: false, script: playOut, attemptsMax: 3 })
})
afterAll(() => server.close())

/** One who takes part: it keeps what it holds however stale, as a worker that was cut off does. */
type Player = { held: HeldAt | null }
const steps = ['claim', 'start', 'progress', 'complete', 'lose', 'busy', 'lapse', 'reap', 'cancel'] as const
type Step = (typeof steps)[number]

async function take(step: Step, player: Player, id: EvaluationId): Promise<void> {
  const { organizationId } = server.alice
  const { db } = server
  const held = player.held
  /** A token that was already outdated when it was shown opens nothing. */
  const guarded = async (added: number, write: (tx: TenantTx, held: HeldAt) => Promise<unknown>) => {
    if (held === null) return
    const before = await db.tenant(organizationId, (tx) => findRow(tx, id))
    const moved = await db.tenant(organizationId, (tx) => write(tx, held))
    if (before.attempt > held.attempt) expect(moved).toBeFalsy()
    if (moved && player.held?.attempt === held.attempt) player.held = { ...held, seq: held.seq + added }
  }
  switch (step) {
    case 'claim': {
      const claimed = await db.tenant(organizationId, (tx) =>
        claim(
          tx,
          { organizationId, id },
          { attemptId: server.newId('att'), executor: 'x', engine: 'x', isolation: 'process' as const, leaseMs: 60_000 },
        ),
      )
      if (claimed !== null) player.held = { organizationId, id, attempt: claimed.attempt, seq: claimed.event_seq }
      return
    }
    case 'start':
      return guarded(1, (tx, at) => start(tx, at, { environment, agoMs: 0 }, nothing))
    case 'progress':
      return guarded(1, (tx, at) => progress(tx, at, { ...nothing, entries: [{ kind: 'run_started', run: 'run' }] }))
    case 'complete':
      return guarded(2, (tx, at) => complete(tx, at, { judgement: judgement('accepted'), hostAtEnd: null }, nothing))
    case 'lose':
    case 'busy':
      return guarded(2, (tx, at) => lose(tx, at, { end: 'engine_fault', detail: 'test', isCounted: step === 'lose' }))
    case 'lapse':
      await server.database.query(
        `update evaluations.evaluation set lease_until = now() - interval '1 s' where id = $1 and lease_until is not null`,
        [uuidOf(id)],
      )
      return
    case 'reap':
      await reap({ db, dispatch: createDispatch(server.queue, server.log) })
      return
    case 'cancel':
      await db.tenant(organizationId, (tx) => cancelRow(tx, { organizationId, id }))
      return
    default:
      step satisfies never
  }
}

type Logged = { seq: number; kind: string; status: Status | null; attempt: number }

async function assertInvariants(id: EvaluationId): Promise<void> {
  const uuid = [uuidOf(id)]
  const log = await server.database.query<Logged>(
    'select seq::int, kind, status, attempt from evaluations.event where evaluation_id = $1 order by seq',
    uuid,
  )
  const [row] = await server.database.query<{ status: Status; attempt: number; event_seq: number; faults: number }>(
    'select status, attempt, event_seq::int, faults from evaluations.evaluation where id = $1',
    uuid,
  )
  const attempts = await server.database.query<{ number: number; end: string | null }>(
    'select number, "end" from evaluations.attempt where evaluation_id = $1 order by number',
    uuid,
  )
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1))
  expect(row?.event_seq).toBe(log.length)
  const path = log.flatMap(({ status }) => (status === null ? [] : [status]))
  for (const [index, to] of path.entries()) if (index > 0) expect(can(path[index - 1] ?? to, to)).toBe(true)
  expect(path.at(-1)).toBe(row?.status)
  expect(path.filter(isTerminal).length).toBeLessThanOrEqual(1)
  expect(log.filter(({ kind }) => kind === 'finished').length).toBe(path.filter(isTerminal).length)
  expect(attempts.map(({ number }) => number)).toEqual(attempts.map((_, index) => index + 1)) // none twice, none left out
  expect(row?.attempt).toBe(attempts.length)
  expect(attempts.filter(({ end }) => end === 'completed').length).toBe(row?.status === 'completed' ? 1 : 0)
  expect(attempts.slice(0, -1).every(({ end }) => end !== null)).toBe(true)
  if (row?.status === 'failed') expect(row.faults).toBe(3)
}

test('every interleaving of two workers, the reaper and a cancel keeps the invariants', async () => {
  const move = fc.record({ step: fc.constantFrom(...steps), player: fc.nat(1) })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(move, { minLength: 1, maxLength: 3 }), { maxLength: 14 }), async (rounds) => {
      const { id } = await server.submit(server.alice, 'x')
      const players: [Player, Player] = [{ held: null }, { held: null }]
      // What is in one round happens at once.
      for (const round of rounds)
        await Promise.all(round.map(({ step, player }) => take(step, players[player === 0 ? 0 : 1], id)))
      await assertInvariants(id)
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['evaluation_status', statuses],
  ['evaluation_verdict', verdicts],
])('the constraint %s allows exactly what the contract names', async (constraint, names) => {
  const [row] = await server.database.query<{ text: string }>(
    'select pg_get_constraintdef(oid) as text from pg_constraint where conname = $1',
    [constraint],
  )
  expect([...(row?.text ?? '').matchAll(/'([a-z_]+)'::text/g)].map(([, name]) => name).sort()).toEqual([...names].sort())
})

test('a repeated write of the same attempt changes nothing', async () => {
  const { id } = await server.submit(server.alice, 'x')
  const player: Player = { held: null }
  await take('claim', player, id)
  await take('start', player, id)
  const held = player.held
  if (held === null) return expect.unreachable()
  const write = () =>
    server.db.tenant(server.alice.organizationId, (tx) =>
      progress(tx, held, { ...nothing, entries: [{ kind: 'run_started', run: 'run' }] }),
    )
  expect([await write(), await write()]).toEqual([true, false])
  await assertInvariants(id)
})
