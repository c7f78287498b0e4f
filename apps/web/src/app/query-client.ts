import { CrucibleProblem } from '@crucible/sdk'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { endsSession } from '../api/queries.ts'
import type { Session } from '../api/session.ts'

/** One place notices that the key no longer works, whichever request finds out. Retries are the SDK's business alone. */
export function createAppQueryClient(session: Session): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof CrucibleProblem && endsSession(error.code)) session.signOut('refused')
  }
  const queryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: { queries: { retry: false, staleTime: 5_000 }, mutations: { retry: false } },
  })
  // What one key could see must not be shown to the next.
  session.subscribe(() => queryClient.clear())
  return queryClient
}
