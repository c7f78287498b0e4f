import type { Evaluation } from '@crucible/contracts'
import { Link } from '@tanstack/react-router'
import styles from './evaluation-table.module.css'
import { formatAgo, formatDate, formatMs, shortId } from './format.ts'
import { ShieldOffIcon } from './icons.tsx'
import { StatusTag, VerdictTag } from './verdict.tsx'

/** Evaluations as rows. The id is the link; the rest is what one compares by. */
export function EvaluationTable({
  rows,
  caption,
  nowMs,
  hasBatch = true,
}: {
  rows: readonly Evaluation[]
  caption: string
  nowMs: number
  hasBatch?: boolean
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={styles.frame} aria-label={caption} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Evaluation</th>
            <th scope="col">Verdict</th>
            <th scope="col">Status</th>
            <th scope="col">Runtime</th>
            <th scope="col" className={styles.number}>
              Tests
            </th>
            <th scope="col" className={styles.number}>
              Wall time
            </th>
            {hasBatch && <th scope="col">Batch</th>}
            <th scope="col">Created</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Link to="/evaluations/$id" params={{ id: row.id }} className={styles.id} title={row.id}>
                  {shortId(row.id)}
                </Link>
              </td>
              <td>{row.verdict === null ? <span className={styles.none}>–</span> : <VerdictTag verdict={row.verdict} />}</td>
              <td>
                <StatusTag status={row.status} />
              </td>
              <td className={styles.mono}>
                {row.runtime}
                {row.isIsolated === false && (
                  <span className={styles.unsafe} title="Made by an engine without isolation">
                    <ShieldOffIcon size={12} /> not isolated
                  </span>
                )}
              </td>
              <td className={styles.number}>
                {row.tests.total === 0 ? (
                  <span className={styles.none}>–</span>
                ) : (
                  `${row.tests.passed ?? '…'} / ${row.tests.total}`
                )}
              </td>
              <td className={styles.number}>
                {row.result === null ? <span className={styles.none}>–</span> : formatMs(row.result.usage.wallMs)}
              </td>
              {hasBatch && (
                <td>
                  {row.batch === null ? (
                    <span className={styles.none}>–</span>
                  ) : (
                    <Link to="/batches/$id" params={{ id: row.batch }} className={styles.id} title={row.batch}>
                      {shortId(row.batch)}
                    </Link>
                  )}
                </td>
              )}
              <td>
                <time dateTime={row.createdAt} title={formatDate(row.createdAt)}>
                  {formatAgo(row.createdAt, nowMs)}
                </time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
