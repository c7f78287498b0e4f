import { formatCount } from '../../ui/format.ts'
import styles from './batch-page.module.css'
import type { Share } from './shares.ts'

/** The bar is for the eye; the list beneath carries the same in words, in the same order, for everybody. */
export function StackedBar({ title, shares, total }: { title: string; shares: readonly Share[]; total: number }) {
  return (
    <div>
      <h2 className={styles.barTitle}>{title}</h2>
      <div className={styles.stack} aria-hidden="true">
        {shares.map((share, index) => (
          <span
            key={share.key}
            data-tone={share.tone}
            data-share={share.key}
            data-odd={index % 2 === 1}
            style={{ flexGrow: share.count }}
          />
        ))}
      </div>
      <ul className={styles.legend}>
        {shares.map((share) => (
          <li key={share.key} data-tone={share.tone} data-share={share.key}>
            <span className={styles.swatch} /> {share.word} <b>{formatCount(share.count)}</b>
            <span className={styles.percent}>{percent(share.count, total)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

const percent = (count: number, total: number) => `${((count / total) * 100).toFixed(1)} %`
