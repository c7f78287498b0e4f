/** Time as an argument: tests turn it, production reads it. */
export type Clock = { now(): Date }

export const systemClock: Clock = { now: () => new Date() }
