import type { ReactNode } from 'react'
import styles from './page-head.module.css'

/** The title of a page with what can be done on it. */
export const PageHead = ({ title, note, children }: { title: ReactNode; note?: ReactNode; children?: ReactNode }) => (
  <header className={styles.head}>
    <div className={styles.words}>
      <h1 className={styles.title}>{title}</h1>
      {note !== undefined && <div className={styles.note}>{note}</div>}
    </div>
    {children}
  </header>
)
