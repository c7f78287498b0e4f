import type { Config } from '../config.ts'
import { type EntryBody, evaluationsChannel, evaluationsModule, evaluationsQueue } from '../modules/evaluations/index.ts'
import { type Clock, systemClock } from '../platform/clock/index.ts'
import { type Db, deriveKey, openDb } from '../platform/db/index.ts'
import { followChannel } from '../platform/events/index.ts'
import { type NewId, systemIds } from '../platform/ids/index.ts'
import { expressQueue, openQueue } from '../platform/queue/index.ts'
import type { Log } from '../platform/telemetry/index.ts'

export type Services = {
  readonly db: Db
  readonly clock: Clock
  readonly newId: NewId
  readonly log: Log
  readonly evaluations: ReturnType<typeof evaluationsModule>
  close(): Promise<void>
}

/** At 20 ms each, what may overtake an entry of another process costs it less than a second. */
const expressMax = 32

/** What api and worker both stand on. */
export async function openServices(settings: Config['settings'], ownerUrl: string, log: Log): Promise<Services> {
  const onFault = (err: Error) => log.warn({ err }, 'a connection was lost')
  const connectionsMax = settings.CRUCIBLE_DATABASE_POOL
  const db = await openDb({ ownerUrl, connectionsMax, onFault })
  const [stored, wakeups] = await Promise.all([
    openQueue<EntryBody>(
      evaluationsQueue,
      settings.REDIS_URL === null
        ? { kind: 'postgres', ownerUrl, connectionsMax: Math.max(4, Math.ceil(connectionsMax / 2)) }
        : { kind: 'redis', url: settings.REDIS_URL },
      onFault,
    ),
    followChannel(db.listen, evaluationsChannel),
  ])
  const queue = expressQueue(stored, expressMax)
  const evaluations = evaluationsModule({
    db,
    queue,
    wakeups,
    newId: systemIds,
    log,
    cursorKey: deriveKey(ownerUrl, 'crucible cursors'),
    queuedMax: settings.CRUCIBLE_QUEUE_MAX,
    attemptsMax: settings.CRUCIBLE_ATTEMPTS_MAX,
  })
  return {
    db,
    clock: systemClock,
    newId: systemIds,
    log,
    evaluations,
    async close() {
      await queue.close()
      await wakeups.stop()
      await db.close()
    },
  }
}
