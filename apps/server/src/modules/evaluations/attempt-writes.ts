/** The writes of one attempt: each in its own transaction, repeated while the database is away, applied once. */
import type { Db, TenantTx } from '../../platform/db/index.ts'
import type { InHand } from './in-flight.ts'
import type { JournalWrites } from './journal.ts'
import { complete, type Held, type HeldAt, hasReached, progress, start } from './moves.ts'
import { persist } from './persist.ts'

export function createAttemptWrites(db: Pick<Db, 'tenant'>, hand: InHand, held: Held, seqAtClaim: number): JournalWrites {
  let seq = seqAtClaim

  const apply = async (added: number, write: (tx: TenantTx, at: HeldAt) => Promise<boolean>): Promise<boolean> => {
    const at = { ...held, seq }
    seq += added
    let isAgain = false
    return persist(async () => {
      // The commit of the first try may have arrived although its answer did not.
      const isDone = isAgain && (await db.tenant(held.organizationId, (tx) => hasReached(tx, held, at.seq + added)))
      isAgain = true
      return isDone || (await db.tenant(held.organizationId, (tx) => write(tx, at)))
    }, hand.signal)
  }

  return {
    start: (first, done) => apply(done.entries.length + 1, (tx, at) => start(tx, at, first, done)),
    progress: (done) => apply(done.entries.length, (tx, at) => progress(tx, at, done)),
    complete: (end, done, first) =>
      apply(done.entries.length + (first === null ? 2 : 3), (tx, at) => complete(tx, at, end, done, first)),
  }
}
