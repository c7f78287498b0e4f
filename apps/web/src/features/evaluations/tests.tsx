import type { EvaluationDetail } from '@crucible/contracts'
import { formatBytes, formatMs } from '../../ui/format.ts'
import { HostileText } from '../../ui/output/hostile-text.tsx'
import { VerdictTag } from '../../ui/verdict.tsx'
import styles from './detail-page.module.css'

/** One row per test. A test that was not reached says so: it neither passed nor failed. */
export function Tests({ detail }: { detail: EvaluationDetail }) {
  const passed = detail.tests.passed ?? 0
  return (
    <>
      <p className={styles.score}>
        <b>
          {passed} of {detail.tests.total}
        </b>{' '}
        passed{detail.score !== null && `, score ${Math.round(detail.score * 1000) / 10} %`}
      </p>
      <div className={styles.strip} aria-hidden="true">
        {detail.testResults.slice(0, 200).map((test, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: results stand in the order of the tests and never move
          <span key={index} data-passed={test.verdict === 'accepted'} />
        ))}
      </div>
      {detail.testResults.length === 0 && <p className={styles.hint}>No test has a result.</p>}
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col">Verdict</th>
            <th scope="col">Exit</th>
            <th scope="col">Wall time</th>
            <th scope="col">Memory</th>
          </tr>
        </thead>
        <tbody>
          {detail.testResults.map((test, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above, and names may repeat
            <tr key={index}>
              <td>
                <HostileText text={test.name} max={80} />
              </td>
              <td>
                <VerdictTag verdict={test.verdict} />
              </td>
              <td>{test.result === null ? 'not run' : (test.result.signal ?? test.result.exitCode)}</td>
              <td>{test.result === null ? '–' : formatMs(test.result.usage.wallMs)}</td>
              <td>{test.result?.usage.memoryPeakBytes == null ? '–' : formatBytes(test.result.usage.memoryPeakBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
