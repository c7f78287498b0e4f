import type { Attempt } from '@crucible/contracts'
import { formatDate, formatMs } from '../../ui/format.ts'
import { HostileText } from '../../ui/output/hostile-text.tsx'
import styles from './detail-page.module.css'

const endWords: Readonly<Record<NonNullable<Attempt['end']>, string>> = {
  completed: 'Led to the verdict',
  cancelled: 'Cancelled on request',
  executor_lost: 'The executor went away; tried again',
  executor_busy: 'No free slot; tried again',
  engine_fault: 'The engine failed; tried again',
  lease_expired: 'Nobody heard from the worker; tried again',
  handed_back: 'Handed back at a shutdown; tried again',
}

/** Every try, newest last. More than one means that the platform failed, never the program. */
export function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  if (attempts.length === 0) return <p className={styles.hint}>No executor has tried it yet.</p>
  return (
    <ol className={styles.attempts}>
      {attempts.map((attempt) => (
        <li key={attempt.id} data-tone={attempt.end === null ? 'live' : attempt.end === 'completed' ? 'good' : 'limit'}>
          <b>Attempt {attempt.number}</b>
          <span>{attempt.end === null ? 'Under way' : endWords[attempt.end]}</span>
          <span className={styles.mono}>
            {formatDate(attempt.startedAt)}
            {attempt.endedAt !== null && `, ${formatMs(Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt))}`}
          </span>
          <span className={styles.mono}>
            <HostileText text={[attempt.executor, attempt.engine].filter((word) => word !== null).join(', ')} />
          </span>
          {attempt.detail !== null && <HostileText text={attempt.detail} />}
        </li>
      ))}
    </ol>
  )
}
