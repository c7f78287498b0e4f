import { useCallback, useSyncExternalStore } from 'react'

const everyMs = 40

/** Reads a store that may change thousands of times a second, and renders at most every 40 ms. The last change is never lost. */
export function useCalmStore<T>(store: { subscribe: (changed: () => void) => () => void; snapshot: () => T }): T {
  const subscribe = useCallback(
    (changed: () => void) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const leave = store.subscribe(() => {
        timer ??= setTimeout(() => {
          timer = undefined
          changed()
        }, everyMs)
      })
      return () => {
        clearTimeout(timer)
        leave()
      }
    },
    [store],
  )
  return useSyncExternalStore(subscribe, store.snapshot)
}
