/** How much waits, in all and for each organization: the queue's bound, and whose turn it is. */
import { idOf, type OrganizationId, type Priority } from '@crucible/contracts'
import { type Db, sql } from '../../platform/db/index.ts'
import { refuse } from '../../platform/refusal/index.ts'
import type { Outstanding } from './rank.ts'

export type Backlog = {
  /**
   * Takes room for `count` more, or throws `queue_full`. Gives what the organization had outstanding before.
   * Settle it when the rows are committed or not: until then no count of rows sees them.
   */
  reserve(organizationId: OrganizationId, priority: Priority, count: number): Promise<Reservation>
}
export type Reservation = { readonly before: Outstanding; settle(): void }

type Pending = { readonly organizationId: OrganizationId; readonly priority: Priority; readonly count: number }
type Snapshot = {
  readonly takenAtMs: number
  waiting: number
  readonly outstanding: Map<OrganizationId, Record<Priority, number>>
}
type Counted = { organization_id: string; priority: Priority; waiting: number; outstanding: number }

/**
 * One count for all submissions of a quarter second instead of one each: with 10,000 rows waiting a count takes
 * milliseconds. What this process adds is counted at once; what others add in that time can carry the queue past its
 * bound by as much. Nobody is refused on an old count.
 */
const staleMs = 250
const usableMs = 5_000
const freshMs = 20
const retryAfterSeconds = 5

export function createBacklog(db: Pick<Db, 'system'>, queuedMax: number, nowMs: () => number = () => performance.now()): Backlog {
  const pending = new Set<Pending>()
  let current: Snapshot | null = null
  let counting: Promise<Snapshot> | null = null

  const snapshot = (maxAgeMs: number): Promise<Snapshot> | Snapshot => {
    if (current !== null && nowMs() - current.takenAtMs <= maxAgeMs) return current
    counting ??= count().finally(() => {
      counting = null
    })
    return counting
  }
  const count = async () => {
    const takenAtMs = nowMs()
    const rows = await db.system(countLive)
    const taken: Snapshot = { takenAtMs, waiting: 0, outstanding: new Map() }
    for (const row of rows) {
      taken.waiting += row.waiting
      add(taken, idOf('org', row.organization_id), row.priority, row.outstanding)
    }
    for (const { organizationId, priority, count } of pending) {
      taken.waiting += count
      add(taken, organizationId, priority, count)
    }
    current = taken
    return taken
  }

  /** With the queue less than half full nobody need wait for a count: an older one does, and a new one is begun. */
  const usable = (more: number) => {
    if (current === null || current.waiting + more > queuedMax / 2 || nowMs() - current.takenAtMs > usableMs) return null
    const fresh = snapshot(staleMs)
    if (fresh instanceof Promise) fresh.catch(() => {}) // the next who needs it hears of its fault
    return current
  }

  return {
    async reserve(organizationId, priority, count) {
      let now = usable(count) ?? (await snapshot(staleMs))
      if (now.waiting + count > queuedMax) now = await snapshot(freshMs)
      if (now.waiting + count > queuedMax) throw refuse('queue_full', { retryAfterSeconds })
      const before = { ...of(now, organizationId) }
      now.waiting += count
      add(now, organizationId, priority, count)
      const reserved = { organizationId, priority, count }
      pending.add(reserved)
      return { before, settle: () => void pending.delete(reserved) }
    },
  }
}

const of = ({ outstanding }: Snapshot, organizationId: OrganizationId) =>
  outstanding.get(organizationId) ?? { low: 0, normal: 0, high: 0 }

function add(snapshot: Snapshot, organizationId: OrganizationId, priority: Priority, count: number) {
  const counts = of(snapshot, organizationId)
  counts[priority] += count
  snapshot.outstanding.set(organizationId, counts)
}

async function countLive(tx: Parameters<Parameters<Db['system']>[0]>[0]) {
  const { rows } = await sql<Counted>`
    select organization_id, priority, count(*) as outstanding, count(*) filter (where status in ('submitted', 'queued')) as waiting
      from evaluations.evaluation
     where status in ('submitted', 'queued', 'provisioning', 'running')
     group by organization_id, priority
     order by organization_id, priority
     limit 100000`.execute(tx)
  return rows
}
