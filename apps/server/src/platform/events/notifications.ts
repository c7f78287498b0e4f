import { createHub, type Hub } from './hub.ts'

type Listen = (channel: string, listener: (payload: string | null) => void) => Promise<{ stop(): Promise<void> }>

export type Wakeups = Hub & { stop(): Promise<void> }

/** Topics and a detail in one NOTIFY payload: `topic,topic detail`. At most 8,000 bytes; topics hold no comma or space. */
export const payloadOf = (topics: readonly string[], detail: string) => `${topics.join(',')} ${detail}`

/** Feeds a hub from one PostgreSQL channel. After a lost connection everybody is woken to look again. */
export async function followChannel(listen: Listen, channel: string): Promise<Wakeups> {
  const hub = createHub()
  const listening = await listen(channel, (payload) => {
    if (payload === null) return hub.publishGap()
    const space = payload.indexOf(' ')
    if (space < 0) return // not one of ours
    const detail = payload.slice(space + 1)
    for (const topic of payload.slice(0, space).split(',')) hub.publish(topic, detail)
  })
  return { subscribe: hub.subscribe, stop: () => listening.stop() }
}
