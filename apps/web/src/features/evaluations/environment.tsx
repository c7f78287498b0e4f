import type { EvaluationDetail } from '@crucible/contracts'
import { formatBytes, formatCount, formatMs } from '../../ui/format.ts'
import { ShieldIcon, ShieldOffIcon } from '../../ui/icons.tsx'
import { isolationWords } from '../../ui/isolation-words.ts'
import { HostileText } from '../../ui/output/hostile-text.tsx'
import { Facts } from '../../ui/panel.tsx'
import styles from './detail-page.module.css'

/** What the verdict was made with, so that it can be judged, and made again. */
export function Environment({ detail: { environment, result } }: { detail: EvaluationDetail }) {
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
          [
            'Image',
            environment.imageDigest === null ? (
              'none: the files of the machine'
            ) : (
              <HostileText key="i" text={environment.imageDigest} />
            ),
          ],
          ['Start', startWords[result?.start ?? 'cold']],
          ['Set aside', reservedText(environment.reservation)],
          ['Load', loadText(environment)],
          ['Taken by other guests', stealText(environment)],
          ['Read and written', ioText(result)],
        ]}
      />
      <h3 className={styles.subtitle}>Each limit, and what enforced it</h3>
      <Facts
        facts={Object.entries(environment.mechanisms).map(
          ([limit, mechanism]) =>
            [limit, <HostileText key={limit} text={`${limitText(limit, environment.limits)}${mechanism}`} />] as const,
        )}
      />
      <h3 className={styles.subtitle}>What the sandbox set for the program</h3>
      <Facts
        facts={Object.entries(environment.variables ?? {}).map(
          ([name, value]) => [name, <HostileText key={name} text={value} />] as const,
        )}
      />
    </div>
  )
}

type Made = NonNullable<EvaluationDetail['environment']>

const unknown = 'not known'
const startWords = { cold: 'cold: the interpreter was started for it', forked: 'forked from an interpreter loaded ahead' }

const reservedText = (reservation: Made['reservation']) =>
  reservation === null ? unknown : `${formatCount(reservation.slots)} of ${formatCount(reservation.ofSlots)} slots`

const loadText = ({ hostAtStart, hostAtEnd }: Made) =>
  hostAtStart === null
    ? unknown
    : [hostAtStart, hostAtEnd].flatMap((at) => (at === null ? [] : [at.loadAverage.toFixed(2)])).join(' → ')

function stealText({ hostAtStart, hostAtEnd }: Made): string {
  const [from, to] = [hostAtStart?.stealMs ?? null, hostAtEnd?.stealMs ?? null]
  return from === null || to === null ? unknown : `${formatMs(to - from)} of processor time`
}

function ioText(result: EvaluationDetail['result']): string {
  const { ioReadBytes = null, ioWriteBytes = null } = result?.usage ?? {}
  return ioReadBytes === null || ioWriteBytes === null ? unknown : `${formatBytes(ioReadBytes)} / ${formatBytes(ioWriteBytes)}`
}

function limitText(limit: string, limits: Made['limits']): string {
  const value = limits?.[limit]
  if (value === undefined) return ''
  const format = limit.endsWith('Ms') ? formatMs : limit.endsWith('Bytes') ? formatBytes : formatCount
  return `${format(value)} by `
}
