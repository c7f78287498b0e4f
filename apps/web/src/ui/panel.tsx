import type { ReactNode } from 'react'
import { useId } from 'react'
import styles from './panel.module.css'

/** A named region with a hairline around it. */
export function Panel({
  title,
  aside,
  children,
  isFlush = false,
}: {
  title: string
  aside?: ReactNode
  children: ReactNode
  isFlush?: boolean
}) {
  const id = useId()
  return (
    <section className={styles.panel} aria-labelledby={id}>
      <header className={styles.head}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {aside}
      </header>
      <div className={isFlush ? styles.flush : styles.body}>{children}</div>
    </section>
  )
}

/** Names and values in two columns, values in the fixed-width face. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
