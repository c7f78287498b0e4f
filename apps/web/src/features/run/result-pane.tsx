import { type Evaluation, type EvaluationId, isTerminal, type RunResult } from '@crucible/contracts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { createFollow, type Followed } from '../../api/follow.ts'
import { evaluationQuery } from '../../api/queries.ts'
import { useClient } from '../../api/session-context.ts'
import { CancelButton } from '../../ui/cancel-button.tsx'
import { createOutputBuffer } from '../../ui/output/buffer.ts'
import { OutputView } from '../../ui/output/output-view.tsx'
import { ResultChips } from '../../ui/result-chips.tsx'
import { Failure, Refusal } from '../../ui/states.tsx'
import { UsageBars } from '../../ui/usage-bars.tsx'
import { useCalmStore } from '../../ui/use-calm-store.ts'
import { Headline } from '../../ui/verdict.tsx'
import { wordOf } from '../../ui/words.ts'
import styles from './run-page.module.css'

export function ResultPane({ id }: { id: EvaluationId | undefined }) {
  return (
    <section className={styles.result} aria-label="Result">
      {id === undefined ? (
        <div className={styles.idle}>
          <title>Run · Crucible</title>
          <p className={styles.idleTitle}>Nothing has been run yet.</p>
          <p>
            Press <kbd>Ctrl ⏎</kbd> or <b>Run</b>. The program gets a sandbox of its own without network, and its output appears
            here while it runs.
          </p>
          <p>The examples include a fork bomb, a memory bomb and an attempt to reach the network: run them.</p>
        </div>
      ) : (
        <LiveResult id={id} />
      )}
    </section>
  )
}

function LiveResult({ id }: { id: EvaluationId }) {
  const client = useClient()
  const [{ output, follow }] = useState(() => {
    const buffer = createOutputBuffer()
    return { output: buffer, follow: createFollow(client, id, buffer) }
  })
  const live = useCalmStore(follow)
  // Without the stream the row still tells what became of it.
  const isLost = live.connection === 'lost'
  const row = useQuery({
    ...evaluationQuery(client, id),
    enabled: isLost,
    refetchInterval: ({ state }) => (state.data !== undefined && !isTerminal(state.data.status) ? rowEveryMs : false),
  })
  const cancel = useMutation({ mutationFn: () => client.cancelEvaluation({ params: { evaluation: id } }) })

  if (isLost && row.isError) return <Failure error={row.error} />
  const finished = live.finished ?? (row.data !== undefined && isTerminal(row.data.status) ? row.data : null)
  const evaluation = finished ?? row.data ?? asEvaluation(live)
  return (
    <>
      <title>{`${wordOf(evaluation).word} · Crucible`}</title>
      <Headline evaluation={evaluation}>
        <CancelButton status={evaluation.status} isPending={cancel.isPending} onCancel={() => cancel.mutate()} />
      </Headline>
      {cancel.isError && <Refusal error={cancel.error} />}
      {isLost && <Refusal error={live.error} />}
      {finished !== null && <Outcome finished={finished} result={finished.result} />}
      {live.isReset && finished === null && (
        <p className={styles.reset}>
          The first try was lost through a fault of the platform. This is try {live.attempt}; what it shows is complete.
        </p>
      )}
      <OutputView output={output} whenEmpty={isTerminal(evaluation.status) ? 'It wrote nothing.' : 'Nothing written yet.'} />
      <p className={styles.more}>
        <Link to="/evaluations/$id" params={{ id }}>
          Everything about this evaluation
        </Link>{' '}
        <code>{id}</code>
      </p>
    </>
  )
}

function Outcome({ finished, result }: { finished: Evaluation; result: RunResult | null }) {
  return (
    <div className={styles.outcome}>
      <ResultChips evaluation={finished} />
      {result !== null && <UsageBars usage={result.usage} limits={finished.limits} />}
    </div>
  )
}

const rowEveryMs = 3_000

const asEvaluation = (live: Followed) => ({
  status: live.status ?? ('submitted' as const),
  verdict: null,
  tests: { total: 0, passed: null },
})
