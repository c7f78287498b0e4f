import type { RuntimeList } from '@crucible/contracts'
import { CheckIcon, CrossIcon, ShieldIcon, ShieldOffIcon, WarningIcon } from '../../ui/icons.tsx'
import { isolationWords } from '../../ui/isolation-words.ts'
import { HostileText } from '../../ui/output/hostile-text.tsx'
import { Facts, Panel } from '../../ui/panel.tsx'
import styles from './executors-page.module.css'

type ExecutorState = RuntimeList['executors'][number]
type Finding = ExecutorState['findings'][number]

const levels = {
  ok: { Icon: CheckIcon, word: 'Good', tone: 'good' },
  warning: { Icon: WarningIcon, word: 'Warning', tone: 'limit' },
  error: { Icon: CrossIcon, word: 'Fault', tone: 'bad' },
} as const

const order = ['error', 'warning', 'ok'] as const

export function Executor({ executor }: { executor: ExecutorState }) {
  const isNone = executor.isolation === 'none'
  return (
    <Panel title={`Executor ${executor.name}`} aside={<Slots slots={executor.slots} busy={executor.busy} />}>
      <p className={styles.isolation} data-tone={isNone ? 'alarm' : 'good'}>
        {isNone ? <ShieldOffIcon /> : <ShieldIcon />}
        {isolationWords[executor.isolation] ?? executor.isolation}
      </p>
      <div className={styles.columns}>
        <div>
          <h3 className={styles.subtitle}>What it found about its machine</h3>
          <ul className={styles.findings}>
            {[...executor.findings]
              .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
              .map((finding) => (
                <FoundRow key={finding.text} finding={finding} />
              ))}
          </ul>
        </div>
        <div>
          <h3 className={styles.subtitle}>What enforces each limit</h3>
          <Facts
            facts={[
              ['engine', `${executor.engine} ${executor.engineVersion}`],
              ...Object.entries(executor.mechanisms).map(
                ([limit, mechanism]) => [limit, <HostileText key={limit} text={mechanism} />] as const,
              ),
            ]}
          />
        </div>
      </div>
    </Panel>
  )
}

function FoundRow({ finding }: { finding: Finding }) {
  const { Icon, word, tone } = levels[finding.level]
  return (
    <li data-tone={tone}>
      <span className={styles.level}>
        <Icon size={14} /> {word}
      </span>
      <span>
        <HostileText text={finding.text} />
        {finding.remedy !== null && (
          <code className={styles.remedy}>
            <HostileText text={finding.remedy} />
          </code>
        )}
      </span>
    </li>
  )
}

const slotsDrawnMax = 32

function Slots({ slots, busy }: { slots: number; busy: number }) {
  return (
    <span className={styles.slots}>
      <span className={styles.boxes} aria-hidden="true">
        {Array.from({ length: Math.min(slots, slotsDrawnMax) }, (_, slot) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: slots have no identity but their place
          <span key={slot} data-busy={slot < busy} />
        ))}
      </span>
      {busy} of {slots} slots busy
    </span>
  )
}
