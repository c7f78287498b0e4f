import { type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { delayAfter, type EvaluationPage, type EvaluationPages, hasChanged, pagesToRefresh, withFresh } from './refresh-live.ts'

/** Keeps the statuses of a list of evaluations true while any of them moves; pauses while the tab is hidden. */
export function useLiveRows(
  listKey: QueryKey,
  pages: EvaluationPages | undefined,
  fetchPage: (cursor: string | undefined, signal: AbortSignal) => Promise<EvaluationPage>,
) {
  const queryClient = useQueryClient()
  const delayMs = useRef(delayAfter(0, true))
  const isMoving = pages !== undefined && pagesToRefresh(pages).length > 0
  useQuery({
    queryKey: ['live-rows', ...listKey],
    enabled: isMoving,
    gcTime: 0,
    // The first round waits its turn too: the list itself has only just been fetched.
    initialData: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: () => (isMoving ? delayMs.current : false),
    queryFn: async ({ signal }) => {
      const shown = queryClient.getQueryData<EvaluationPages>(listKey)
      if (shown === undefined) return 0
      const cursors = pagesToRefresh(shown)
        .map((index) => shown.pageParams[index])
        .map((cursor) => (typeof cursor === 'string' ? cursor : undefined))
      const fresh = (await Promise.all(cursors.map((cursor) => fetchPage(cursor, signal)))).flatMap((page) => page.data)
      delayMs.current = delayAfter(delayMs.current, hasChanged(shown, fresh))
      queryClient.setQueryData<EvaluationPages>(listKey, (now) => (now === undefined ? now : withFresh(now, fresh)))
      return Date.now()
    },
  })
}
