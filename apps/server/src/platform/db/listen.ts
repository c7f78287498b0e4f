import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'

/** Gets each payload; `null` says that the connection was lost and restored, so anything may have been missed. */
export type Listener = (payload: string | null) => void
export type Listening = { stop(): Promise<void> }

type Channels = Map<string, Set<Listener>>

/** One connection for all channels of this process, reopened until `close`. */
export function createListener(url: string, onFault: (error: Error) => void) {
  const channels: Channels = new Map()
  const closed = new AbortController()
  let client: Promise<Client> | null = null

  const connect = async (isAgain: boolean): Promise<Client> => {
    for (let tries = 0; ; tries++) {
      const fresh = new Client({ connectionString: url, application_name: 'crucible listen', keepAlive: true })
      try {
        fresh.on('error', () => {}) // 'end' follows and reconnects
        await fresh.connect()
        for (const channel of channels.keys()) await fresh.query(`listen ${identifier(channel)}`)
        fresh.on('notification', ({ channel, payload }) => tell(channels.get(channel), payload ?? ''))
        fresh.once('end', reconnect)
        if (isAgain) for (const listeners of channels.values()) tell(listeners, null)
        return fresh
      } catch (error) {
        await fresh.end().catch(() => {})
        if (closed.signal.aborted || (!isAgain && tries === 0)) throw error
        onFault(error as Error) // pg rejects with errors only
        await delay(Math.min(100 * 2 ** tries, 5_000), undefined, { signal: closed.signal })
      }
    }
  }
  const reconnect = () => {
    if (closed.signal.aborted) return
    client = connect(true)
    client.catch(() => {}) // closed meanwhile; whoever listens next awaits and hears it
  }
  const tell = (listeners: Set<Listener> | undefined, payload: string | null) => {
    for (const listener of listeners ?? []) listener(payload)
  }

  return {
    async listen(channel: string, listener: Listener): Promise<Listening> {
      const listeners = channels.get(channel) ?? new Set<Listener>()
      const isNew = !channels.has(channel)
      channels.set(channel, listeners.add(listener))
      client ??= connect(false)
      const connected = await client.catch((error: unknown) => {
        client = null
        throw error
      })
      if (isNew) await connected.query(`listen ${identifier(channel)}`)
      return {
        async stop() {
          listeners.delete(listener)
          if (listeners.size > 0 || channels.get(channel) !== listeners) return
          channels.delete(channel)
          await (await client)?.query(`unlisten ${identifier(channel)}`).catch(() => {}) // a lost connection listens to nothing
        },
      }
    },
    async close() {
      closed.abort()
      await client?.then(
        (open) => open.end(),
        () => {},
      )
    },
  }
}

function identifier(channel: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(channel)) throw new RangeError(`not a channel name: ${channel}`)
  return `"${channel}"`
}
