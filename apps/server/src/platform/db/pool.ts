import { Pool, type PoolClient, types } from 'pg'
import { refuse } from '../refusal/index.ts'
import { gatherWrites } from './gather-writes.ts'

export type PoolConfig = {
  readonly url: string
  readonly connectionsMax: number
  /** How many may wait for a connection; one more is refused at once. */
  readonly waitersMax: number
  /** How long one may wait before it is refused. */
  readonly waitMs: number
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
  readonly applicationName: string
  readonly onFault: (error: Error) => void
}

export function createPool(config: PoolConfig): Pool {
  const pool = new Pool({
    connectionString: config.url,
    max: config.connectionsMax,
    connectionTimeoutMillis: config.waitMs,
    idleTimeoutMillis: 30_000,
    statement_timeout: config.statementTimeoutMs,
    lock_timeout: config.lockTimeoutMs,
    // A transaction that nobody continues holds locks and stops vacuum.
    idle_in_transaction_session_timeout: 30_000,
    application_name: config.applicationName,
    types: parsers,
    ...{ pipeline: true }, // newer than the typings: a query is sent without waiting for the answer to the one before
  })
  // Also while it is lent out, when the pool does not listen: an 'error' that nobody hears ends the process.
  pool.on('connect', (client) => {
    client.on('error', config.onFault)
    gatherWrites(client)
  })
  pool.on('error', config.onFault) // an idle connection died; the pool has already dropped it
  return pool
}

/** A connection, or `unavailable`: waiting is bounded in number and in time. */
export async function acquire(pool: Pool, config: PoolConfig): Promise<PoolClient> {
  if (pool.waitingCount >= config.waitersMax)
    throw refuse('unavailable', { retryAfterSeconds: 1, cause: new Error('the pool has too many waiters') })
  try {
    return await pool.connect()
  } catch (cause) {
    throw refuse('unavailable', { retryAfterSeconds: 2, cause })
  }
}

const int8 = 20
const parseInt8 = (text: string) => {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new RangeError(`a bigint of the database is too large to count with: ${text}`)
  return number
}
const parsers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? parseInt8 : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser, // its overloads differ by format only
}
