/** One attempt from claim to end: the program's fate becomes a verdict, the platform's becomes the next attempt. */
import type { AttemptId, EvaluationId, OrganizationId } from '@crucible/contracts'
import type { JobEvent } from '@crucible/sandbox/spec'
import type { Db } from '../../platform/db/index.ts'
import { ExecutorFault, type ExecutorPool, type Slot } from '../../platform/executor/index.ts'
import type { NewId } from '../../platform/ids/index.ts'
import type { Log } from '../../platform/telemetry/index.ts'
import { createAttemptWrites } from './attempt-writes.ts'
import { type Dispatch, nothingBefore, wakeOfRow } from './dispatch.ts'
import { type InFlight, type InHand, Stopped } from './in-flight.ts'
import { deadlineMs, jobOf } from './job.ts'
import { createJournal, type Journal } from './journal.ts'
import { type Claimed, claim, type Ending, type Held, type Loss, lose } from './moves.ts'
import { persist } from './persist.ts'

export type ExecuteDeps = {
  readonly db: Db
  readonly pool: ExecutorPool
  readonly inFlight: InFlight
  readonly dispatch: Dispatch
  readonly newId: NewId
  readonly leaseMs: number
  readonly log: Log
}

/** How an attempt ended for us. `dropped`: the row has ended or belongs to somebody else, and nothing is to be written. */
type Outcome =
  | ({ readonly kind: 'judged' } & Ending)
  | { readonly kind: 'lost'; readonly loss: Loss; readonly againInMs: number }
  | { readonly kind: 'dropped'; readonly why: string }

/** Works on the evaluation if it is still queued. Resolves when there is nothing left to do for this worker. */
export async function execute(deps: ExecuteDeps, organizationId: OrganizationId, id: EvaluationId, slot: Slot): Promise<void> {
  const hand = deps.inFlight.open(organizationId, id)
  try {
    const attemptId = deps.newId('att')
    const leasedUntilMs = performance.now() + deps.leaseMs
    const { name: executor, engine, isolation } = slot.status
    const claimed = await deps.db.tenant(organizationId, (tx) =>
      claim(tx, { organizationId, id }, { attemptId, executor, engine, isolation, leaseMs: deps.leaseMs }),
    )
    if (claimed === null) return // ended, somebody else's, or not for this engine: entries may repeat, rows decide
    hand.attempt = claimed.attempt
    hand.leasedUntilMs = leasedUntilMs
    await attempt(deps, hand, { organizationId, id, attempt: claimed.attempt }, claimed, attemptId, slot)
  } finally {
    deps.inFlight.close(hand)
  }
}

async function attempt(deps: ExecuteDeps, hand: InHand, held: Held, claimed: Claimed, attemptId: AttemptId, slot: Slot) {
  const log = deps.log.child({ evaluation: held.id, attempt: held.attempt })
  const journal = createJournal(
    createAttemptWrites(deps.db, hand, held, claimed.event_seq),
    () => hand.stop('fenced'),
    (error) => {
      log.error({ error }, 'what an attempt did could not be written')
      hand.stop('unrecorded')
    },
  )
  try {
    // The slot is given back before anything is written: the next program starts while this one's verdict is stored.
    const outcome = await drive(hand, claimed, attemptId, slot, journal).finally(slot.release)
    switch (outcome.kind) {
      case 'judged':
        if (!(await journal.complete(outcome))) log.info('a result was dropped: the attempt was fenced off')
        return
      case 'lost':
        log.warn({ end: outcome.loss.end, detail: outcome.loss.detail }, 'an attempt was lost')
        journal.close()
        if (outcome.loss.end === 'executor_busy') deps.pool.distrust(slot.client)
        return await giveBack(deps, held, outcome.loss, outcome.againInMs)
      case 'dropped':
        return log.info({ why: outcome.why }, 'an attempt was dropped')
      default:
        outcome satisfies never
    }
  } finally {
    journal.close()
  }
}

/** Puts the evaluation back into the queue, or finds that its attempts are used up. */
export async function giveBack(
  deps: Pick<ExecuteDeps, 'db' | 'dispatch'>,
  held: Held,
  loss: Loss,
  againInMs: number,
): Promise<void> {
  const after = await persist(
    () => deps.db.tenant(held.organizationId, (tx) => lose(tx, held, loss)),
    AbortSignal.timeout(giveUpMs),
  )
  if (after?.status !== 'queued') return
  // It has waited its turn already: nothing counts as before it.
  await deps.dispatch([{ ...held, attempt: after.attempt + 1, ...wakeOfRow(after), before: nothingBefore, delayMs: againInMs }])
}
const giveUpMs = 10_000 // then the lease lapses and the reaper does the same

async function drive(hand: InHand, claimed: Claimed, attemptId: AttemptId, slot: Slot, journal: Journal): Promise<Outcome> {
  const overdue = setTimeout(() => hand.stop('overdue'), deadlineMs(claimed))
  let hasStarted = false
  try {
    hand.signal.throwIfAborted() // cancelled while it was being claimed: nothing is started
    for await (const event of slot.client.run(jobOf(attemptId, claimed), hand.signal)) {
      if (event.type === 'finished' && hasStarted) return { kind: 'judged', judgement: event.judgement, hostAtEnd: event.host }
      if (event.type === 'finished') throw new ExecutorFault('lost', 'a verdict came before the start')
      if (event.type === 'fault') return outcomeOfFault(event.code, event.detail)
      hasStarted ||= event.type === 'started'
      record(journal, event)
      await journal.room()
      hand.signal.throwIfAborted()
    }
    throw new ExecutorFault('lost', 'the stream ended before the job did')
  } catch (error) {
    if (hand.signal.reason instanceof Stopped) return outcomeOfStop(hand.signal.reason)
    if (!(error instanceof ExecutorFault)) throw error
    const cause = error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
    return error.kind === 'unreachable' ? noCapacity(cause) : lostTo('executor_lost', cause)
  } finally {
    clearTimeout(overdue)
  }
}

function record(journal: Journal, event: Exclude<JobEvent, { type: 'finished' | 'fault' }>) {
  switch (event.type) {
    case 'started':
      return journal.started(event.environment)
    case 'run_started':
      return journal.runStarted(event.run)
    case 'output':
      return journal.output(event.run, event.stream, Buffer.from(event.base64, 'base64'))
    case 'run_finished':
      return journal.runFinished(event.run, event.result)
    default:
      return event satisfies never
  }
}

const busyAgainMs = 250
const noCapacity = (detail: string): Outcome => ({
  kind: 'lost',
  loss: { end: 'executor_busy', detail, isCounted: false },
  againInMs: busyAgainMs,
})
const lostTo = (end: Loss['end'], detail: string): Outcome => ({
  kind: 'lost',
  loss: { end, detail, isCounted: true },
  againInMs: 0,
})

function outcomeOfFault(code: Extract<JobEvent, { type: 'fault' }>['code'], detail: string): Outcome {
  switch (code) {
    case 'busy':
    case 'shutting_down':
      return noCapacity(detail)
    case 'engine_fault':
    case 'unknown_runtime': // gone since the executor reported it; another one may have it
      return lostTo('engine_fault', `${code}: ${detail}`)
    case 'cannot_enforce':
    case 'invalid_job': // the same everywhere and every time
      return {
        kind: 'lost',
        loss: { end: 'engine_fault', detail: `${code}: ${detail}`, isCounted: true, isHopeless: true },
        againInMs: 0,
      }
    default:
      return code satisfies never
  }
}

function outcomeOfStop({ why }: Stopped): Outcome {
  switch (why) {
    case 'cancelled':
    case 'fenced':
      return { kind: 'dropped', why }
    case 'handed_back':
      return { kind: 'lost', loss: { end: 'handed_back', detail: 'The worker was stopped.', isCounted: false }, againInMs: 0 }
    case 'overdue':
      return lostTo('executor_lost', 'The executor did not end the job in time.')
    case 'unrecorded':
      return lostTo('engine_fault', 'What the program did could not be stored.')
    default:
      return why satisfies never
  }
}
