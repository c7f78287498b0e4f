import type { CSSProperties } from 'react'
import { formatBytes } from '../format.ts'
import type { Row } from './buffer.ts'
import styles from './output.module.css'
import { runWord } from './run-word.ts'
import { styled } from './styled.ts'

const streamMarks = { stdout: 'out', stderr: 'err' } as const

type Props = {
  row: Row
  index: number
  measure: (element: HTMLElement | null) => void
  style: CSSProperties
  isFirstOfStream: boolean
}

/** One row. The stream is said by a word in the margin and by a rule beside the text; colour only helps. */
export function OutputRow({ row, index, measure, style, isFirstOfStream }: Props) {
  const place = { ref: measure, 'data-index': index, style }
  if (row.kind === 'run') {
    return (
      <div className={styles.run} {...place}>
        {runWord(row.run)}
      </div>
    )
  }
  if (row.kind === 'cut') {
    return (
      <div className={styles.cut} {...place}>
        ✂ {formatBytes(row.omittedBytes)} of {row.stream} were not kept here: over the output limit the head and the tail stay
      </div>
    )
  }
  return (
    <div className={styles.row} data-stream={row.stream} {...place}>
      <span className={isFirstOfStream ? styles.gutter : styles.gutterFaint}>{streamMarks[row.stream]}</span>
      <span className={styles.text}>
        {styled(row.text, row.carried).map((span, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the spans of a row are made anew whenever it changes
          <span key={index} className={span.classes.map((name) => styles[name]).join(' ') || undefined} title={span.title}>
            {span.text}
          </span>
        ))}
      </span>
    </div>
  )
}
