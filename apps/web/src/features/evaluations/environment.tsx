import type { EvaluationDetail } from '@crucible/contracts'
import { ShieldIcon, ShieldOffIcon } from '../../ui/icons.tsx'
import { isolationWords } from '../../ui/isolation-words.ts'
import { HostileText } from '../../ui/output/hostile-text.tsx'
import { Facts } from '../../ui/panel.tsx'
import styles from './detail-page.module.css'

/** What the verdict was made with, so that it can be judged, and made again. */
export function Environment({ detail: { environment } }: { detail: EvaluationDetail }) {
  if (environment === null) return <p className={styles.hint}>It has not run yet, so there is none.</p>
  const isNone = environment.isolation === 'none'
  return (
    <div className={styles.stack}>
      <p className={styles.isolation} data-tone={isNone ? 'alarm' : 'good'}>
        {isNone ? <ShieldOffIcon /> : <ShieldIcon />}
        {isolationWords[environment.isolation]}
      </p>
      <Facts
        facts={[
          ['Engine', <HostileText key="e" text={`${environment.engine} ${environment.engineVersion}`} />],
          ['Runtime', <HostileText key="r" text={`${environment.runtime} (${environment.runtimeVersion})`} />],
          ['Kernel', <HostileText key="k" text={environment.kernel} />],
          ['Processor', <HostileText key="p" text={environment.cpuModel} />],
          ['Load then', environment.loadAverage.toFixed(2)],
        ]}
      />
      <h3 className={styles.subtitle}>What enforced each limit</h3>
      <Facts
        facts={Object.entries(environment.mechanisms).map(
          ([limit, mechanism]) => [limit, <HostileText key={limit} text={mechanism} />] as const,
        )}
      />
    </div>
  )
}
