import type { Evaluation, Status, Verdict } from '@crucible/contracts'
import type { ReactNode } from 'react'
import {
  BanIcon,
  BoltIcon,
  BoxIcon,
  BracesIcon,
  CheckIcon,
  ClockIcon,
  CrossIcon,
  HalfIcon,
  MemoryIcon,
  OverflowIcon,
  QueueIcon,
  ShieldIcon,
  SpinnerIcon,
  WarningIcon,
} from './icons.tsx'
import styles from './verdict.module.css'
import { statusWords, verdictWords, type Word, wordOf } from './words.ts'

type Icon = (props: { size?: number }) => ReactNode

const statusIcons: Readonly<Record<Status, Icon>> = {
  submitted: QueueIcon,
  queued: QueueIcon,
  provisioning: BoxIcon,
  running: SpinnerIcon,
  completed: CheckIcon,
  failed: WarningIcon,
  cancelled: BanIcon,
}
const verdictIcons: Readonly<Record<Verdict, Icon>> = {
  accepted: CheckIcon,
  wrong_answer: CrossIcon,
  partial: HalfIcon,
  compile_error: BracesIcon,
  runtime_error: BoltIcon,
  time_limit: ClockIcon,
  memory_limit: MemoryIcon,
  output_limit: OverflowIcon,
  security_violation: ShieldIcon,
}

/** Icon and word, for a row. Each verdict has a shape of its own: colour only helps. */
function Tag({ icon: Icon, word, isTurning = false }: { icon: Icon; word: Word; isTurning?: boolean }) {
  return (
    <span className={styles.tag} data-tone={word.tone} title={word.meaning}>
      <span className={isTurning ? styles.turning : styles.icon}>
        <Icon size={14} />
      </span>
      {word.word}
    </span>
  )
}

export const StatusTag = ({ status }: { status: Status }) => (
  <Tag icon={statusIcons[status]} word={statusWords[status]} isTurning={status === 'running'} />
)
export const VerdictTag = ({ verdict }: { verdict: Verdict }) => <Tag icon={verdictIcons[verdict]} word={verdictWords[verdict]} />

/** Icon, word and what it means: the head of a page. Says each change to a screen reader. */
export function Headline({
  evaluation,
  children,
}: {
  evaluation: Pick<Evaluation, 'status' | 'verdict' | 'tests'>
  children?: ReactNode
}) {
  const word = wordOf(evaluation)
  const Icon =
    evaluation.status === 'completed' && evaluation.verdict !== null
      ? verdictIcons[evaluation.verdict]
      : statusIcons[evaluation.status]
  return (
    <div className={styles.headline} data-tone={word.tone}>
      <span className={styles.tile}>
        <span className={evaluation.status === 'running' ? styles.turning : styles.icon}>
          <Icon size={22} />
        </span>
      </span>
      <div className={styles.words} role="status" aria-live="polite" aria-atomic="true">
        <strong className={styles.word}>{word.word}</strong>
        <span className={styles.meaning}>{word.meaning}</span>
      </div>
      {children}
    </div>
  )
}
