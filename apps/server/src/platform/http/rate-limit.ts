import type { FastifyReply } from 'fastify'
import { refuse } from '../refusal/index.ts'

export type RateLimit = { readonly perMinute: number; readonly clockMs: () => number }
type Bucket = { tokens: number; atMs: number }

const bucketsMax = 10_000

/** Token buckets by name, bounded: past 10,000 names the one that was idle longest is forgotten, that is, refilled. */
export function createLimiter({ perMinute, clockMs }: RateLimit) {
  const buckets = new Map<string, Bucket>()
  return {
    /** Takes one token; refuses with `rate_limited` when there is none. */
    take(name: string): { remaining: number } {
      const nowMs = clockMs()
      const old = buckets.get(name)
      const tokens = Math.min(perMinute, old === undefined ? perMinute : old.tokens + ((nowMs - old.atMs) * perMinute) / 60_000)
      buckets.delete(name) // set again below: the map's order is then the order of use
      const idlest = buckets.size >= bucketsMax ? buckets.keys().next().value : undefined
      if (idlest !== undefined) buckets.delete(idlest)
      const left = tokens >= 1 ? tokens - 1 : tokens
      buckets.set(name, { tokens: left, atMs: nowMs })
      if (tokens < 1) throw refuse('rate_limited', { retryAfterSeconds: ((1 - tokens) * 60) / perMinute })
      return { remaining: Math.floor(left) }
    },
  }
}
export type Limiter = ReturnType<typeof createLimiter>

export function rateHeaders(reply: FastifyReply, perMinute: number, remaining: number): void {
  reply.header('ratelimit-policy', `"default";q=${perMinute};w=60`)
  reply.header('ratelimit', `"default";r=${remaining};t=${Math.ceil(((perMinute - remaining) * 60) / perMinute)}`)
}

/** An IPv6 customer has a whole /64 to send from. */
export const addressKey = (ip: string) =>
  ip.includes(':') && !ip.startsWith('::ffff:') ? ip.split(':').slice(0, 4).join(':') : ip
