import type { Limits, RunResult } from '@crucible/contracts'
import { formatBytes, formatCount, formatMs } from './format.ts'
import styles from './usage-bars.module.css'

type Bar = { name: string; used: number | null; limit: number; format: (n: number) => string }

/** What a run used of what it was given. The figures stand beside the pictures, because a bar has no decimals. */
export function UsageBars({ usage, limits }: { usage: RunResult['usage']; limits: Limits }) {
  const bars: Bar[] = [
    { name: 'Wall time', used: usage.wallMs, limit: limits.wallMs, format: formatMs },
    { name: 'CPU time', used: usage.cpuUserMs + usage.cpuSystemMs, limit: limits.cpuMs, format: formatMs },
    { name: 'Memory', used: usage.memoryPeakBytes, limit: limits.memoryBytes, format: formatBytes },
    { name: 'Output', used: usage.stdoutBytes + usage.stderrBytes, limit: limits.outputBytes, format: formatBytes },
    { name: 'Processes', used: usage.processesPeak, limit: limits.processes, format: formatCount },
  ]
  return (
    <ul className={styles.bars}>
      {bars.map((bar) => (
        <UsageBar key={bar.name} {...bar} />
      ))}
    </ul>
  )
}

function UsageBar({ name, used, limit, format }: Bar) {
  const share = used === null ? 0 : Math.min(1, used / limit)
  const text = used === null ? 'not measured' : `${format(used)} of ${format(limit)}`
  return (
    <li className={styles.bar} data-hot={share >= 0.9}>
      <span className={styles.name}>{name}</span>
      <span className={styles.figures}>
        {used === null ? 'not measured' : <b>{format(used)}</b>} <span className={styles.limit}>/ {format(limit)}</span>
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: the look of a <meter> cannot be set in every browser */}
      <span
        className={styles.track}
        role="meter"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={Math.min(used ?? 0, limit)}
        aria-valuetext={text}
      >
        {/* A sliver stays visible: "a little" must not look like "not measured". */}
        <span className={styles.fill} style={{ width: used === null ? 0 : `max(2px, ${share * 100}%)` }} />
      </span>
    </li>
  )
}
