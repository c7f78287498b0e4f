import type { Kysely, RawBuilder } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { Refusal, refuse } from '../refusal/index.ts'
import { prepared, queriesOver } from './connection.ts'
import { acquire, type PoolConfig } from './pool.ts'
import type { Schema } from './schema.gen.ts'
import type { Ending } from './transaction.ts'

const triesMax = 3
const serializationFailure = '40001'
const deadlockDetected = '40P01'

/**
 * Runs `work` in one transaction and commits, or rolls back and throws what it threw. On a serialization failure or a
 * deadlock the whole of it runs again, at most three times: `work` must do nothing that a rollback would not undo.
 */
export async function inTransaction<T>(
  pool: Pool,
  config: PoolConfig,
  prologue: string,
  work: (queries: Kysely<Schema> & Ending) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await once(pool, config, prologue, work)
    } catch (error) {
      const code = sqlState(error)
      if (tries >= triesMax || (code !== serializationFailure && code !== deadlockDetected)) throw error
    }
  }
}

/** Runs `work` with each statement by itself: for one look that no other statement has to agree with. */
export async function outsideTransaction<T>(
  pool: Pool,
  config: PoolConfig,
  work: (queries: Kysely<Schema>) => Promise<T>,
): Promise<T> {
  const client = await acquire(pool, config)
  let isBroken = false
  try {
    return await work(queriesOver(client))
  } catch (error) {
    isBroken = isConnectionLost(error)
    throw asRefusal(error)
  } finally {
    client.release(isBroken)
  }
}

async function once<T>(
  pool: Pool,
  config: PoolConfig,
  prologue: string,
  work: (queries: Kysely<Schema> & Ending) => Promise<T>,
): Promise<T> {
  const client = await acquire(pool, config)
  let isBroken = false
  try {
    // Not awaited: the first query of `work` follows it in the same write, so that entering a tenant costs no round
    // trip. Should the prologue fail, no organization is set and row-level security shows and takes nothing.
    const begun = client.query(prologue)
    begun.catch(() => {}) // heard below, when it is awaited; without this an early failure would end the process
    const queries = queriesOver(client)
    const ending = endingOf(client, queries)
    const result = await work(Object.assign(queries, ending.offered))
    await begun
    await ending.commit()
    return result
  } catch (error) {
    isBroken = !(await rolledBack(client))
    throw asRefusal(error)
  } finally {
    client.release(isBroken)
  }
}

/** The end of one transaction: at most one commit, sent with what `work` has left for it. */
function endingOf(client: PoolClient, compiler: Kysely<Schema>) {
  const send = (statement: RawBuilder<unknown>) => client.query(prepared(statement.compile(compiler)))
  const left: RawBuilder<unknown>[] = []
  let committed: Promise<void> | null = null

  const commit = async (before: readonly Promise<unknown>[]) => {
    const done = Promise.all([...before, ...left.map(send)])
    const answer = client.query('commit')
    answer.catch(() => {}) // heard below; the fault of a statement comes first
    await done
    const { command } = await answer
    // PostgreSQL answers COMMIT with ROLLBACK when a statement had failed and `work` swallowed the error.
    if (command !== 'COMMIT') throw new Error('the transaction had failed before its commit; a statement error was swallowed')
  }
  const offered: Ending = {
    atCommit(statement) {
      if (committed !== null) throw new Error('the transaction has been committed with its last statement')
      left.push(statement)
    },
    async last<Row>(statement: RawBuilder<Row>) {
      if (committed !== null) throw new Error('a transaction has one last statement')
      const answer = send(statement)
      committed = commit([answer])
      await committed
      return { rows: (await answer).rows as Row[] } // Row is what the statement declares; pg has no row types
    },
  }
  return { offered, commit: () => committed ?? commit([]) }
}

/** A connection that is lost is nobody's fault who asks: they are told to come back. Everything else stays what it is. */
const asRefusal = (error: unknown) =>
  isConnectionLost(error) ? refuse('unavailable', { retryAfterSeconds: 2, cause: error }) : error

const rolledBack = (client: PoolClient): Promise<boolean> =>
  client.query('rollback').then(
    () => true,
    () => false,
  )

export const sqlState = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Administrator commands, crash and start-up of the server (class 57P), connection exceptions (08), and the socket's own. */
const isConnectionLost = (error: unknown) =>
  !(error instanceof Refusal) &&
  (/^(57P|08|ECONN|EPIPE)/.test(sqlState(error) ?? '') ||
    (error instanceof Error && /connection terminated|not queryable/i.test(error.message)))
