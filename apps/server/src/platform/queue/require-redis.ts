import { Redis, type RedisOptions } from 'ioredis'

export type RedisServer = {
  readonly isCluster: boolean
  /** What the other nodes of a cluster want to see. */
  readonly login: Pick<RedisOptions, 'username' | 'password' | 'tls'>
}

/**
 * Refuses the start with one sentence unless Redis answers and drops nothing: one that may evict keys loses queued
 * work without a word.
 */
export async function requireRedis(url: string, deadlineMs: number): Promise<RedisServer> {
  const info = await readInfo(url, deadlineMs)
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
  if (policy === undefined)
    throw new Error(
      `The Redis of REDIS_URL does not say its maxmemory-policy; check that it is noeviction and that INFO shows it, or queued work could be dropped.`,
    )
  if (policy !== 'noeviction')
    throw new Error(`The Redis of REDIS_URL has the maxmemory-policy ${policy} and could drop queued work; set it to noeviction.`)
  const { username, password, protocol } = new URL(url)
  return {
    isCluster: /^cluster_enabled:1/m.test(info),
    login: {
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  }
}

async function readInfo(url: string, deadlineMs: number): Promise<string> {
  const client = new Redis(url, { lazyConnect: true, connectTimeout: deadlineMs, retryStrategy: () => null })
  const lost = Promise.withResolvers<never>()
  client.on('error', lost.reject) // says why; what `connect` rejects with does not
  const timer = setTimeout(lost.reject, deadlineMs, new Error(`no answer within ${deadlineMs / 1_000} s`))
  try {
    return await Promise.race([client.connect().then(() => client.info()), lost.promise])
  } catch (cause) {
    throw unusable(url, cause)
  } finally {
    clearTimeout(timer)
    client.disconnect()
  }
}

/** Never the URL itself: it may hold a password. */
export function unusable(url: string, cause: unknown): Error {
  const { host } = new URL(url)
  const why = cause instanceof Error ? cause.message : String(cause)
  const sentence = why.startsWith('NOPERM')
    ? 'does not let its user read INFO; allow it, and check that its maxmemory-policy is noeviction.'
    : `cannot be used: ${why}; start or correct it, or unset REDIS_URL to keep the queue in PostgreSQL.`
  return new Error(`The Redis of REDIS_URL (${host}) ${sentence}`, { cause })
}
