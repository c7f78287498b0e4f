/** Where the platform is with an evaluation. What the program earned is the verdict, never a status. */
export const moves = {
  submitted: ['queued', 'failed', 'cancelled'],
  queued: ['provisioning', 'failed', 'cancelled'],
  provisioning: ['running', 'queued', 'failed', 'cancelled'], // back to queued: our fault, retried
  running: ['completed', 'queued', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>

export type Status = keyof typeof moves
export const statuses = Object.keys(moves) as Status[] // the keys of a literal are exactly its type's keys

export const can = (from: Status, to: Status) => (moves[from] as readonly Status[]).includes(to)

/** The statuses that `to` may be reached from: the `where status in (…)` of every guarded update. */
export const sources = (to: Status) => statuses.filter((from) => can(from, to))

export const isTerminal = (status: Status) => moves[status].length === 0
export const liveStatuses = statuses.filter((status) => !isTerminal(status))
export const terminalStatuses = statuses.filter(isTerminal)
