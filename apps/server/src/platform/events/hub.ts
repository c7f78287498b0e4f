/** Wake-ups within this process, by topic. They carry no state: whoever is woken reads the database. */
export type WakeListener = (detail: string | null) => void

export type Hub = {
  /** Calls `listener` with each detail, or with null when some may have been missed. Returns the way to stop. */
  subscribe(topic: string, listener: WakeListener): () => void
}

export type Publishing = Hub & {
  publish(topic: string, detail: string): void
  /** Something may have been missed: everybody looks again. */
  publishGap(): void
}

export function createHub(): Publishing {
  const topics = new Map<string, Set<WakeListener>>()
  return {
    subscribe(topic, listener) {
      const listeners = topics.get(topic) ?? new Set()
      topics.set(topic, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic)
      }
    },
    publish(topic, detail) {
      for (const listener of [...(topics.get(topic) ?? [])]) listener(detail)
    },
    publishGap() {
      for (const listeners of [...topics.values()]) for (const listener of [...listeners]) listener(null)
    },
  }
}
