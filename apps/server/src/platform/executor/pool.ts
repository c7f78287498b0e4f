/** The executors that this process drives: which answer, how many slots they have, and who waits for one. */
import type { ExecutorStatus } from '@crucible/sandbox/spec'
import type { ExecutorClient } from './client.ts'

export type Slot = {
  readonly client: ExecutorClient
  readonly status: ExecutorStatus
  release(): void
}

/** Who waits is in the way of others: a slot is free that does not suit, and too many wait for one that does. */
export class InTheWay extends Error {
  override name = 'InTheWay'
}

export type ExecutorPool = {
  /**
   * A slot of an executor that answers and satisfies `suits`; waits for one until the signal aborts. Rejects with InTheWay
   * when it had better let others go first.
   */
  acquire(signal: AbortSignal, suits?: (status: ExecutorStatus) => boolean): Promise<Slot>
  slots(): number
  /** What the executors that answer last said of themselves. */
  statuses(): readonly ExecutorStatus[]
  /** A job could not be given to this executor: nobody gets a slot of it until its status answers again. */
  distrust(client: ExecutorClient): void
  stop(): Promise<void>
}

export type PoolDeps = {
  readonly clients: readonly ExecutorClient[]
  readonly pollMs: number
  /** Called with every status that was read, and once with null when the executor does not answer (any more). */
  readonly onStatus: (client: ExecutorClient, status: ExecutorStatus | null) => void
  /** How many wait although a slot is free, which does not suit them: as many more may be let in beside them. */
  readonly onStuck?: (count: number) => void
}

type Member = { readonly client: ExecutorClient; status: ExecutorStatus | null; inUse: number; wake: () => void }
type Waiter = {
  readonly suits: (status: ExecutorStatus) => boolean
  readonly serve: (slot: Slot) => void
  readonly pass: () => void
}

/** An executor that starts together with this process may take this long to answer before its silence is worth a word. */
const startMs = 5_000

export function createExecutorPool({ clients, pollMs, onStatus, onStuck = () => {} }: PoolDeps): ExecutorPool {
  const members: Member[] = clients.map((client) => ({ client, status: null, inUse: 0, wake: () => {} }))
  const waiters = new Set<Waiter>() // in the order of their coming
  const stopped = new AbortController()

  const take = (suits: Waiter['suits']): Slot | null => {
    const free = members
      .filter((member) => member.status !== null && member.inUse < member.status.slots && suits(member.status))
      .sort((a, b) => a.inUse - b.inUse)
    const [member] = free
    return member?.status ? lend(member, member.status) : null
  }
  const lend = (member: Member, status: ExecutorStatus): Slot => {
    member.inUse++
    let isLent = true
    return {
      client: member.client,
      status,
      release() {
        if (!isLent) return
        isLent = false
        member.inUse--
        serveWaiters()
      },
    }
  }
  const serveWaiters = () => {
    for (const waiter of [...waiters]) {
      const slot = take(waiter.suits)
      if (slot !== null) waiter.serve(slot)
    }
    makeWay()
  }
  /** Those who have waited longest may stay: as many as there are slots, so that none that suits is ever kept waiting. */
  const makeWay = () => {
    const isAnyFree = members.some(({ status, inUse }) => status !== null && inUse < status.slots)
    const stuck = isAnyFree ? [...waiters] : []
    for (const waiter of stuck.slice(slots())) waiter.pass()
    onStuck(Math.min(stuck.length, slots()))
  }
  const slots = () => members.reduce((sum, member) => sum + (member.status?.slots ?? 0), 0)

  const watch = async (member: Member) => {
    const watchedSinceMs = performance.now()
    let told: 'answers' | 'silent' | null = null
    while (!stopped.signal.aborted) {
      const status = await member.client.status(stopped.signal).catch(() => null) // its silence is the finding
      if (stopped.signal.aborted) return
      member.status = status
      const isStarting = told === null && performance.now() - watchedSinceMs < startMs
      if (status !== null || (told !== 'silent' && !isStarting)) {
        told = status === null ? 'silent' : 'answers'
        onStatus(member.client, status)
      }
      if (status !== null) serveWaiters()
      await pause(member, status === null ? Math.min(pollMs, 250) : pollMs)
    }
  }
  const pause = (member: Member, ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      member.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const watching = Promise.all(members.map(watch))

  return {
    acquire(signal, suits = () => true) {
      signal.throwIfAborted()
      const slot = take(suits)
      if (slot !== null) return Promise.resolve(slot)
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiters.delete(waiter)
          signal.removeEventListener('abort', giveUp)
        }
        const giveUp = () => {
          leave()
          reject(signal.reason)
        }
        const waiter: Waiter = {
          suits,
          serve(served) {
            leave()
            resolve(served)
          },
          pass() {
            leave()
            reject(new InTheWay('others wait for slots that are free'))
          },
        }
        waiters.add(waiter)
        signal.addEventListener('abort', giveUp, { once: true })
        makeWay()
      })
    },
    slots,
    statuses: () => members.flatMap(({ status }) => (status === null ? [] : [status])),
    distrust(client) {
      for (const member of members) {
        if (member.client !== client) continue
        member.status = null
        member.wake()
      }
    },
    async stop() {
      stopped.abort()
      for (const member of members) member.wake()
      await watching
      for (const member of members) member.client.close()
    },
  }
}
