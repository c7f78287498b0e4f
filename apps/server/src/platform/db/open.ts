import { type OrganizationId, uuidOf } from '@crucible/contracts'
import { createListener, type Listener, type Listening } from './listen.ts'
import { createPool, type PoolConfig } from './pool.ts'
import { roleUrl } from './role-url.ts'
import { inTransaction, outsideTransaction } from './run.ts'
import type { AnonymousTx, SystemTx, TenantTx } from './transaction.ts'

/** The only ways to the database. */
export type Db = {
  /** One transaction inside one organization. `work` may run again after a deadlock: it does nothing but queries. */
  tenant<T>(organizationId: OrganizationId, work: (tx: TenantTx) => Promise<T>): Promise<T>
  /** Statements in no organization, each by itself: authentication, before one is known. It costs one round trip, not three. */
  anonymous<T>(work: (tx: AnonymousTx) => Promise<T>): Promise<T>
  /** One transaction across organizations: claim, reap, dispatch. Nothing that answers a caller's question. */
  system<T>(work: (tx: SystemTx) => Promise<T>): Promise<T>
  listen(channel: string, listener: Listener): Promise<Listening>
  /** Rejects when the database does not answer within the pool's patience. */
  ping(): Promise<void>
  close(): Promise<void>
}

export type DbConfig = {
  /** The owner's URL; the logins of the application derive from it. */
  readonly ownerUrl: string
  readonly connectionsMax: number
  readonly systemConnectionsMax?: number
  readonly waitMs?: number
  readonly statementTimeoutMs?: number
  readonly lockTimeoutMs?: number
  readonly onFault: (error: Error) => void
}

export async function openDb(config: DbConfig): Promise<Db> {
  const limits = {
    waitersMax: config.connectionsMax * 20,
    waitMs: config.waitMs ?? 2_000,
    statementTimeoutMs: config.statementTimeoutMs ?? 10_000,
    lockTimeoutMs: config.lockTimeoutMs ?? 5_000,
    onFault: config.onFault,
  }
  const app: PoolConfig = {
    ...limits,
    url: roleUrl(config.ownerUrl, 'app'),
    connectionsMax: config.connectionsMax,
    applicationName: 'crucible app',
  }
  const maint: PoolConfig = {
    ...limits,
    url: roleUrl(config.ownerUrl, 'maint'),
    connectionsMax: config.systemConnectionsMax ?? 4,
    applicationName: 'crucible maint',
  }
  const appPool = createPool(app)
  const maintPool = createPool(maint)
  const listener = createListener(app.url, config.onFault)
  const db: Db = {
    tenant: (organizationId, work) =>
      inTransaction(appPool, app, enter(organizationId), (queries) => work(Object.assign(queries, { organizationId }))),
    anonymous: (work) =>
      outsideTransaction(appPool, app, (queries) => work(Object.assign(queries, { isAnonymous: true as const }))),
    system: (work) =>
      inTransaction(maintPool, maint, 'begin', (queries) => work(Object.assign(queries, { crossesTenants: true as const }))),
    listen: listener.listen,
    ping: async () => {
      await appPool.query('select 1')
    },
    close: async () => {
      await Promise.all([appPool.end(), maintPool.end(), listener.close()])
    },
  }
  try {
    await db.ping()
  } catch (error) {
    await db.close()
    throw error
  }
  return db
}

/** `uuidOf` yields hexadecimal digits and dashes or throws: nothing of a caller's reaches the SQL text. */
const enter = (organizationId: OrganizationId) => `begin; select set_config('app.org_id', '${uuidOf(organizationId)}', true)`
