import { Button } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { evaluationsQuery, fetchEvaluations, runtimesQuery } from '../../api/queries.ts'
import { useClient } from '../../api/session-context.ts'
import { useLiveRows } from '../../api/use-live-rows.ts'
import { EvaluationTable } from '../../ui/evaluation-table.tsx'
import { RefreshIcon } from '../../ui/icons.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { useNow } from '../../ui/use-now.ts'
import { FilterBar } from './filter-bar.tsx'
import { filtersOf } from './filters.ts'
import styles from './list-page.module.css'

const route = getRouteApi('/signed-in/evaluations')

export function ListPage() {
  const client = useClient()
  const navigate = route.useNavigate()
  const search = route.useSearch()
  const filters = filtersOf(search)
  const query = evaluationsQuery(client, filters)
  const list = useInfiniteQuery(query)
  const runtimes = useQuery(runtimesQuery(client)).data
  useLiveRows(query.queryKey, list.data, (cursor, signal) => fetchEvaluations(client, filters, cursor, signal))
  const nowMs = useNow()
  const rows = list.data?.pages.flatMap((page) => page.data) ?? []
  const languages = [...new Set(runtimes?.data.map((runtime) => runtime.language) ?? [])]

  return (
    <div className={styles.page}>
      <title>Evaluations · Crucible</title>
      <PageHead title="Evaluations" note="Everything that was submitted in this organization, newest first.">
        <Button leftSection={<RefreshIcon size={12} />} loading={list.isRefetching} onClick={() => void list.refetch()}>
          Refresh
        </Button>
      </PageHead>
      <FilterBar search={search} languages={languages} onChange={(next) => void navigate({ to: '/evaluations', search: next })} />
      {list.isPending && <Loading what="evaluations" rows={10} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <Nothing isFiltered={Object.keys(search).length > 0} />}
      {rows.length > 0 && <EvaluationTable rows={rows} caption="Evaluations" nowMs={nowMs} />}
      <div className={styles.foot}>
        {list.hasNextPage && (
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Load more
          </Button>
        )}
        {rows.length > 0 && (
          <span className={styles.count} role="status">
            {rows.length} shown{list.hasNextPage ? ', there are more' : ', that is all'}
          </span>
        )}
      </div>
    </div>
  )
}

const Nothing = ({ isFiltered }: { isFiltered: boolean }) =>
  isFiltered ? (
    <Empty title="Nothing matches these filters" action={<Link to="/evaluations">Clear all filters</Link>}>
      The filters apply to everything, not only to what was loaded.
    </Empty>
  ) : (
    <Empty title="No evaluations yet" action={<Link to="/">Run a program</Link>}>
      What you run here, with the command line or through the API, is listed with its verdict.
    </Empty>
  )
