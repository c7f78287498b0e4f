import { type EvaluationDetail, type EvaluationId, idSchema, isTerminal } from '@crucible/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { createFollow } from '../../api/follow.ts'
import { evaluationQuery, meQuery } from '../../api/queries.ts'
import { useClient } from '../../api/session-context.ts'
import { CancelButton } from '../../ui/cancel-button.tsx'
import { shortId } from '../../ui/format.ts'
import { createOutputBuffer } from '../../ui/output/buffer.ts'
import { OutputView } from '../../ui/output/output-view.tsx'
import { ResultChips } from '../../ui/result-chips.tsx'
import { Empty, Failure, Loading, Refusal } from '../../ui/states.tsx'
import { UsageBars } from '../../ui/usage-bars.tsx'
import { useCalmStore } from '../../ui/use-calm-store.ts'
import { Headline } from '../../ui/verdict.tsx'
import { wordOf } from '../../ui/words.ts'
import styles from './detail-page.module.css'
import { DownloadButton } from './download-button.tsx'
import { Sections } from './sections.tsx'

const route = getRouteApi('/signed-in/evaluations/$id')
const schema = idSchema('evl')
const rowEveryMs = 3_000

export function DetailPage() {
  const parsed = schema.safeParse(route.useParams().id)
  if (!parsed.success) {
    return (
      <>
        <h1 className="hidden">No such evaluation</h1>
        <Empty title="This is not the id of an evaluation" action={<Link to="/evaluations">All evaluations</Link>}>
          An id looks like evl_ and 26 characters. Was all of it copied?
        </Empty>
      </>
    )
  }
  return <Evaluation key={parsed.data} id={parsed.data} />
}

function Evaluation({ id }: { id: EvaluationId }) {
  const detail = useQuery(evaluationQuery(useClient(), id))
  return (
    <div className={styles.page}>
      <h1 className={styles.crumbs}>
        <Link to="/evaluations">Evaluations</Link> <span aria-hidden="true">/</span> <code>{id}</code>
      </h1>
      {detail.isPending && <Loading what="the evaluation" rows={10} />}
      {detail.isError && detail.data === undefined && <Failure error={detail.error} retry={() => void detail.refetch()} />}
      {detail.data !== undefined && <Loaded id={id} detail={detail.data} />}
    </div>
  )
}

function Loaded({ id, detail }: { id: EvaluationId; detail: EvaluationDetail }) {
  const client = useClient()
  const queryClient = useQueryClient()
  const me = useQuery(meQuery(client)).data
  const [{ output, follow }] = useState(() => {
    const buffer = createOutputBuffer()
    return { output: buffer, follow: createFollow(client, id, buffer) }
  })
  const live = useCalmStore(follow)
  const cancel = useMutation({ mutationFn: () => client.cancelEvaluation({ params: { evaluation: id } }) })
  const isStale = live.finished !== null && !isTerminal(detail.status)

  // Without the stream the row still tells what became of it.
  useQuery({
    ...evaluationQuery(client, id),
    refetchInterval: live.connection === 'lost' && !isTerminal(detail.status) ? rowEveryMs : false,
  })

  // The stream said that it has ended: tests, attempts and environment exist now and are fetched once.
  useEffect(() => {
    if (isStale) void queryClient.invalidateQueries({ queryKey: evaluationQuery(client, id).queryKey })
  }, [isStale, queryClient, client, id])

  // The row is the truth once it is terminal; before that the stream is ahead of it.
  const shown = isTerminal(detail.status) ? detail : (live.finished ?? { ...detail, status: live.status ?? detail.status })
  return (
    <>
      <title>{`${wordOf(shown).word} · ${shortId(id)} · Crucible`}</title>
      <div className={styles.top}>
        <Headline evaluation={shown}>
          <CancelButton
            status={shown.status}
            isPending={cancel.isPending}
            mayCancel={me === undefined || me.permissions.includes('evaluation.cancel')}
            onCancel={() => cancel.mutate()}
          />
        </Headline>
        {cancel.isError && <Refusal error={cancel.error} />}
        {shown.failure !== null && <Refusal error={new Error(`${shown.failure.code}: ${shown.failure.detail}`)} />}
        <ResultChips evaluation={shown} />
        {shown.result !== null && <UsageBars usage={shown.result.usage} limits={shown.limits} />}
      </div>
      <div className={styles.columns}>
        <div className={styles.output}>
          <OutputView
            output={output}
            whenEmpty={
              live.connection === 'lost'
                ? 'The output could not be fetched. Reload the page to try again.'
                : isTerminal(shown.status)
                  ? 'It wrote nothing.'
                  : 'Nothing written yet.'
            }
            tools={<DownloadButton id={id} result={shown.result} />}
          />
        </div>
        <Sections detail={detail} />
      </div>
    </>
  )
}
