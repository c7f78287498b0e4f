import type { EvaluationDetail } from '@crucible/contracts'
import { Link } from '@tanstack/react-router'
import { formatDate } from '../../ui/format.ts'
import { HostileText } from '../../ui/output/hostile-text.tsx'
import { Facts } from '../../ui/panel.tsx'
import styles from './detail-page.module.css'

const entriesMax = 100

const requiredText = ({ isolation, engines }: EvaluationDetail['requires']) =>
  `at least ${isolation}${engines === null ? '' : `, by ${engines.join(' or ')}`}`

/** The dates of the row, and what the caller attached. The latter is a stranger's text. */
export function Metadata({ detail }: { detail: EvaluationDetail }) {
  const entries = Object.entries(detail.metadata)
  return (
    <div className={styles.stack}>
      <Facts
        facts={[
          ['Created', formatDate(detail.createdAt)],
          ['Started', detail.startedAt === null ? 'not yet' : formatDate(detail.startedAt)],
          ['Finished', detail.finishedAt === null ? 'not yet' : formatDate(detail.finishedAt)],
          ['Priority', detail.priority],
          ['Isolation required', requiredText(detail.requires)],
          ['Project', detail.project],
          [
            'Batch',
            detail.batch === null ? (
              'none'
            ) : (
              <Link key="b" to="/batches/$id" params={{ id: detail.batch }}>
                {detail.batch}
              </Link>
            ),
          ],
        ]}
      />
      <h3 className={styles.subtitle}>From the caller</h3>
      {entries.length === 0 && <p className={styles.hint}>The caller attached nothing.</p>}
      <Facts
        facts={entries
          .slice(0, entriesMax)
          .map(
            ([name, value]) =>
              [
                name.slice(0, 80),
                <HostileText key={name} text={typeof value === 'string' ? value : JSON.stringify(value)} />,
              ] as const,
          )}
      />
      {entries.length > entriesMax && <p className={styles.hint}>… and {entries.length - entriesMax} more</p>}
    </div>
  )
}
