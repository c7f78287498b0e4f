import { Client, Pool, type PoolClient } from 'pg'
import { prepared } from './connection.ts'
import { roleUrl } from './role-url.ts'

/**
 * Connections of the queue's own. They do not wait for the disk at commit: an entry lost in a crash of the database is
 * added again from the rows, and waiting would cost more than the whole rest of an entry.
 */
export function openQueuePool(ownerUrl: string, connectionsMax: number, onFault: (error: Error) => void): Pool {
  const pool = new Pool({
    connectionString: roleUrl(ownerUrl, 'app'),
    max: connectionsMax,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'crucible queue',
    options: '-c search_path=bullmq -c synchronous_commit=off -c statement_timeout=10000',
  })
  pool.on('connect', (client) => {
    client.on('error', onFault) // while it is lent out the pool does not listen
    prepareEach(client)
  })
  pool.on('error', onFault) // an idle connection died; the pool has already dropped it
  return pool
}

/** The library sends the same few texts over and over, each to be parsed and planned anew; here each is so once a connection. */
function prepareEach(client: PoolClient): void {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown // its overloads are passed through as they came
  const preparing = (text: unknown, values: unknown, ...rest: unknown[]) =>
    typeof text === 'string' && Array.isArray(values)
      ? query(prepared({ sql: text, parameters: values }), ...rest)
      : query(text, values, ...rest)
  client.query = preparing as typeof client.query
}

/** One connection of the owner's, for the queue's own migrations. */
export async function withOwner<T>(ownerUrl: string, work: (owner: Client) => Promise<T>): Promise<T> {
  const owner = new Client({ connectionString: ownerUrl, application_name: 'crucible migrate' })
  await owner.connect()
  try {
    return await work(owner)
  } finally {
    await owner.end()
  }
}
