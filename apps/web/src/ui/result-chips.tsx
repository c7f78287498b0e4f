import type { Evaluation, RunResult } from '@crucible/contracts'
import { formatMs } from './format.ts'
import { ShieldIcon, ShieldOffIcon } from './icons.tsx'
import styles from './result-chips.module.css'

const reasonWords: Readonly<Record<RunResult['reason'], string>> = {
  exited: 'ended by itself',
  signalled: 'ended by a signal',
  wall_time: 'out of wall time',
  cpu_time: 'out of CPU time',
  memory: 'out of memory',
  output: 'over the output limit',
  disk: 'out of disk space',
  processes: 'over the process limit',
  violation: 'forbidden act',
  cancelled: 'cancelled',
}

/** How the deciding run ended, as the kernel gave it, and whether anything confined it. */
export function ResultChips({ evaluation }: { evaluation: Pick<Evaluation, 'result' | 'runtime' | 'isIsolated' | 'tests'> }) {
  const { result, tests } = evaluation
  return (
    <ul className={styles.chips}>
      {result !== null && <li>{reasonWords[result.reason]}</li>}
      {result !== null && result.exitCode !== null && (
        <li>
          exit code <b>{result.exitCode}</b>
        </li>
      )}
      {result !== null && result.signal !== null && (
        <li>
          signal <b>{result.signal}</b>
        </li>
      )}
      {tests.total > 0 && (
        <li>
          tests{' '}
          <b>
            {tests.passed ?? 0} of {tests.total}
          </b>
        </li>
      )}
      {result !== null && <li>{formatMs(result.usage.wallMs)}</li>}
      <li>{evaluation.runtime}</li>
      <Isolation isIsolated={evaluation.isIsolated} />
    </ul>
  )
}

function Isolation({ isIsolated }: { isIsolated: boolean | null }) {
  if (isIsolated === null) return null
  if (isIsolated) {
    return (
      <li className={styles.safe}>
        <ShieldIcon size={12} /> sandboxed
      </li>
    )
  }
  return (
    <li className={styles.unsafe} data-tone="alarm">
      <ShieldOffIcon size={12} /> made without isolation
    </li>
  )
}
