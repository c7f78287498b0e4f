import type { Client } from '@crucible/sdk'
import { createContext, use, useSyncExternalStore } from 'react'
import type { Session } from './session.ts'

export const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
  const session = use(SessionContext)
  if (session === null) throw new Error('useSession is called outside of SessionContext')
  return session
}

/** For screens behind the sign-in; while it is being left there is still one last render, hence the fallback. */
export function useClient(): Client {
  const session = useSession()
  const { client } = useSyncExternalStore(session.subscribe, session.state)
  return client ?? session.clientOf('')
}
