import type { ApiKeyId } from '@crucible/contracts'
import { refuse } from '../../platform/refusal/index.ts'

export const streamsPerKeyMax = 10

/** How many streams each key holds open in this process. Throws `too_many_streams`; the result gives the place back. */
export function createStreamSlots(max = streamsPerKeyMax): (apiKeyId: ApiKeyId) => () => void {
  const open = new Map<ApiKeyId, number>()
  return (apiKeyId) => {
    const count = open.get(apiKeyId) ?? 0
    if (count >= max) throw refuse('too_many_streams', { detail: `At most ${max} for each key.`, retryAfterSeconds: 5 })
    open.set(apiKeyId, count + 1)
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      const left = (open.get(apiKeyId) ?? 1) - 1
      if (left === 0) open.delete(apiKeyId)
      else open.set(apiKeyId, left)
    }
  }
}
