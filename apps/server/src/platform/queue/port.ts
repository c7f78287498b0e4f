/** What the platform needs of a queue. The rows of the database are the truth; an entry only wakes a worker. */
export type QueueEntry<T> = {
  /** Adding an entry whose id is already waiting or being worked on does nothing. No colons. */
  readonly id: string
  /** Ids only, a few hundred bytes. */
  readonly body: T
  /** Lower goes first; from 1 to 2,097,151. */
  readonly rank: number
  readonly delayMs?: number
}

/** `done`: the entry is gone. `back`: it waits again, for this worker or another. `later`: the same, but not for `laterMs`. */
export type Handled = 'done' | 'back' | 'later'
export const laterMs = 1_000

export type QueueWorker = {
  /** At least one entry is always taken: whoever handles it waits for capacity. */
  setConcurrency(concurrency: number): void
  /** Takes nothing more, and resolves when what was taken has been handled. */
  stop(): Promise<void>
}

export type WorkOptions = {
  readonly concurrency: number
  readonly handle: (body: unknown) => Promise<Handled>
  /** The worker has looked and found nothing that it could take. */
  readonly onDrained?: () => void
}

export type Queue<T> = {
  add(entries: readonly QueueEntry<T>[]): Promise<void>
  /** `handle` gets every entry at least once: the row decides whether there is anything to do. */
  work(options: WorkOptions): Promise<QueueWorker>
  /** How many wait, are being worked on, or are delayed. */
  depth(): Promise<{ waiting: number; active: number; delayed: number }>
  close(): Promise<void>
}
