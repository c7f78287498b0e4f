import { useSyncExternalStore } from 'react'

const everyMs = 10_000
let nowMs = Date.now()

function subscribe(changed: () => void) {
  const timer = setInterval(() => {
    nowMs = Date.now()
    changed()
  }, everyMs)
  return () => clearInterval(timer)
}

/** The time, as far as "12 s ago" needs it. */
export const useNow = () => useSyncExternalStore(subscribe, () => nowMs)
