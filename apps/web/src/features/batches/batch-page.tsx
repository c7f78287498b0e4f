import { type Batch, type BatchId, idSchema } from '@crucible/contracts'
import { Button } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { createBatchFollow } from '../../api/follow-batch.ts'
import { batchItemsQuery, batchQuery, fetchBatchItems, meQuery } from '../../api/queries.ts'
import { useClient } from '../../api/session-context.ts'
import { useLiveRows } from '../../api/use-live-rows.ts'
import { EvaluationTable } from '../../ui/evaluation-table.tsx'
import { formatCount, formatDate } from '../../ui/format.ts'
import { StopIcon } from '../../ui/icons.tsx'
import { HostileText } from '../../ui/output/hostile-text.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { ReasonedButton } from '../../ui/reasoned-button.tsx'
import { Empty, Failure, Loading, Refusal } from '../../ui/states.tsx'
import { useCalmStore } from '../../ui/use-calm-store.ts'
import { useNow } from '../../ui/use-now.ts'
import styles from './batch-page.module.css'
import { statusShares, verdictShares } from './shares.ts'
import { StackedBar } from './stacked-bar.tsx'

const route = getRouteApi('/signed-in/batches/$id')
const schema = idSchema('btc')

export function BatchPage() {
  const parsed = schema.safeParse(route.useParams().id)
  if (!parsed.success) {
    return (
      <>
        <h1 className="hidden">No such batch</h1>
        <Empty title="This is not the id of a batch" action={<Link to="/evaluations">All evaluations</Link>}>
          An id looks like btc_ and 26 characters. Was all of it copied?
        </Empty>
      </>
    )
  }
  return <Loaded key={parsed.data} id={parsed.data} />
}

function Loaded({ id }: { id: BatchId }) {
  const client = useClient()
  const batch = useQuery(batchQuery(client, id))
  return (
    <div className={styles.page}>
      {batch.isPending && <Loading what="the batch" />}
      {batch.isError && batch.data === undefined && (
        <>
          <h1 className="hidden">Batch</h1>
          <Failure error={batch.error} retry={() => void batch.refetch()} />
        </>
      )}
      {batch.data !== undefined && <Progress id={id} fetched={batch.data} />}
    </div>
  )
}

function Progress({ id, fetched }: { id: BatchId; fetched: Batch }) {
  const client = useClient()
  const me = useQuery(meQuery(client)).data
  const [follow] = useState(() => createBatchFollow(client, id))
  const live = useCalmStore(follow)
  const batch = live.batch ?? fetched
  const cancel = useMutation({ mutationFn: () => client.cancelBatch({ params: { batch: id } }) })
  const left = batch.total - batch.finished
  const reason =
    me !== undefined && !me.permissions.includes('evaluation.cancel')
      ? 'This key may not cancel.'
      : left === 0
        ? 'All of it has finished: there is nothing left to cancel.'
        : cancel.isPending
          ? 'It is being cancelled.'
          : null

  return (
    <>
      <title>{`${batch.finished} of ${batch.total} · Batch · Crucible`}</title>
      <PageHead
        title={batch.name === '' ? 'Batch' : <HostileText text={batch.name} />}
        note={
          <>
            <code>{id}</code>, submitted {formatDate(batch.createdAt)}
          </>
        }
      >
        <Link to="/evaluations" search={{ batch: id }}>
          Filter its evaluations
        </Link>
        <ReasonedButton leftSection={<StopIcon size={12} />} reason={reason} onClick={() => cancel.mutate()}>
          Cancel what is left
        </ReasonedButton>
      </PageHead>
      {cancel.isError && <Refusal error={cancel.error} />}
      {live.connection === 'lost' && (
        <Refusal error={new Error('The live progress broke off. Reload the page to see where it stands.')} />
      )}
      <section className={styles.progress} aria-label="Progress">
        <p className={styles.count} role="status">
          <b>{formatCount(batch.finished)}</b> of {formatCount(batch.total)} finished
          {batch.finishedAt !== null && `, the last at ${formatDate(batch.finishedAt)}`}
        </p>
        <StackedBar title="By status" shares={statusShares(batch)} total={batch.total} />
        <StackedBar title="By verdict" shares={verdictShares(batch)} total={batch.total} />
      </section>
      <Items id={id} />
    </>
  )
}

function Items({ id }: { id: BatchId }) {
  const client = useClient()
  const query = batchItemsQuery(client, id)
  const items = useInfiniteQuery(query)
  useLiveRows(query.queryKey, items.data, (cursor, signal) => fetchBatchItems(client, id, cursor, signal))
  const nowMs = useNow()
  const rows = items.data?.pages.flatMap((page) => page.data) ?? []
  if (items.isPending) return <Loading what="its evaluations" />
  if (items.isError && rows.length === 0) return <Failure error={items.error} retry={() => void items.refetch()} />
  return (
    <>
      <EvaluationTable
        rows={rows}
        caption="Evaluations of this batch, in the order they were sent"
        nowMs={nowMs}
        hasBatch={false}
      />
      {items.hasNextPage && (
        <div>
          <Button loading={items.isFetchingNextPage} onClick={() => void items.fetchNextPage()}>
            Load more
          </Button>
        </div>
      )}
    </>
  )
}
