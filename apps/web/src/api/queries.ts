import type { BatchId, EvaluationId, RefusalCode, Status, Verdict } from '@crucible/contracts'
import type { Client } from '@crucible/sdk'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

/** Every key and what is fetched under it. */
export type EvaluationFilters = {
  readonly status?: readonly Status[] | undefined
  readonly verdict?: readonly Verdict[] | undefined
  readonly language?: string | undefined
  readonly batch?: BatchId | undefined
  readonly createdAfter?: string | undefined
  readonly createdBefore?: string | undefined
}

export const pageSize = 50

export const meQuery = (client: Client) =>
  queryOptions({ queryKey: ['me'], queryFn: ({ signal }) => client.me({}, { signal }), staleTime: 60_000 })

export const runtimesQuery = (client: Client) =>
  queryOptions({ queryKey: ['runtimes'], queryFn: ({ signal }) => client.listRuntimes({}, { signal }), staleTime: 30_000 })

export const evaluationQuery = (client: Client, id: EvaluationId) =>
  queryOptions({
    queryKey: ['evaluation', id],
    queryFn: ({ signal }) => client.getEvaluation({ params: { evaluation: id } }, { signal }),
  })

export const fetchEvaluations = (client: Client, filters: EvaluationFilters, cursor: string | undefined, signal: AbortSignal) =>
  client.listEvaluations(
    {
      query: {
        limit: pageSize,
        cursor,
        status: filters.status === undefined ? undefined : [...filters.status],
        verdict: filters.verdict === undefined ? undefined : [...filters.verdict],
        language: filters.language,
        batch: filters.batch,
        createdAfter: filters.createdAfter,
        createdBefore: filters.createdBefore,
      },
    },
    { signal },
  )

export const evaluationsQuery = (client: Client, filters: EvaluationFilters) =>
  infiniteQueryOptions({
    queryKey: ['evaluations', filters],
    queryFn: ({ pageParam, signal }) => fetchEvaluations(client, filters, pageParam, signal),
    initialPageParam: undefined as string | undefined, // the first page has no cursor
    getNextPageParam: (page) => page.page.nextCursor ?? undefined,
  })

export const batchQuery = (client: Client, id: BatchId) =>
  queryOptions({ queryKey: ['batch', id], queryFn: ({ signal }) => client.getBatch({ params: { batch: id } }, { signal }) })

export const fetchBatchItems = (client: Client, id: BatchId, cursor: string | undefined, signal: AbortSignal) =>
  client.listBatchItems({ params: { batch: id }, query: { limit: pageSize, cursor } }, { signal })

export const batchItemsQuery = (client: Client, id: BatchId) =>
  infiniteQueryOptions({
    queryKey: ['batch', id, 'items'],
    queryFn: ({ pageParam, signal }) => fetchBatchItems(client, id, pageParam, signal),
    initialPageParam: undefined as string | undefined, // the first page has no cursor
    getNextPageParam: (page) => page.page.nextCursor ?? undefined,
  })

/** Refusals after which the key is of no more use here. */
export const endsSession = (code: RefusalCode) => code === 'unauthenticated'
