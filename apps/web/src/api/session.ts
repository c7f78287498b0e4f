import { type Client, createClient } from '@crucible/sdk'

/** Why nobody is signed in: said on the sign-in screen. */
export type SignedOut = 'none' | 'by_choice' | 'refused'
export type SessionState =
  | { readonly client: Client; readonly reason?: undefined }
  | { readonly client: null; readonly reason: SignedOut }

export type Session = {
  readonly state: () => SessionState
  readonly subscribe: (changed: () => void) => () => void
  readonly clientOf: (apiKey: string) => Client
  readonly signIn: (apiKey: string) => void
  readonly signOut: (reason: SignedOut) => void
}

const storageKey = 'crucible.api-key'

/** The key lives in this tab and ends with it: another tab asks again, and nothing is left on a shared machine. */
export function createSession(baseUrl: string, storage: Storage): Session {
  const clientOf = (apiKey: string) => createClient({ baseUrl, apiKey })
  const stored = storage.getItem(storageKey)
  let state: SessionState = stored === null ? { client: null, reason: 'none' } : { client: clientOf(stored) }
  const listeners = new Set<() => void>()
  const move = (to: SessionState) => {
    state = to
    for (const listener of listeners) listener()
  }
  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    clientOf,
    signIn(apiKey) {
      storage.setItem(storageKey, apiKey)
      move({ client: clientOf(apiKey) })
    },
    signOut(reason) {
      storage.removeItem(storageKey)
      if (state.client !== null) move({ client: null, reason })
    },
  }
}
