import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { formatBytes } from '../format.ts'
import { useCalmStore } from '../use-calm-store.ts'
import { bufferBytesMax, type OutputBuffer, type Row } from './buffer.ts'
import styles from './output.module.css'
import { OutputRow } from './output-row.tsx'

const rowPx = 19
const choices = ['both', 'stdout', 'stderr'] as const
type Choice = (typeof choices)[number]

/** What a program wrote, as rows; only those in sight are in the document. Follows the end until the reader scrolls up. */
export function OutputView({ output, whenEmpty, tools }: { output: OutputBuffer; whenEmpty: ReactNode; tools?: ReactNode }) {
  const snapshot = useCalmStore(output)
  const [choice, setChoice] = useState<Choice>('both')
  const [isWrapped, setWrapped] = useState(true)
  const rows = useMemo(() => rowsOf(snapshot.rows, choice), [snapshot, choice])
  const scroller = useRef<HTMLElement>(null)
  const isAtEnd = useRef(true)
  const titleId = useId()
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 20,
  })

  // Scrolling is the browser's state, not React's: after new rows are laid out, a reader who was at the end stays there.
  useEffect(() => {
    if (isAtEnd.current && rows.length > 0) virtual.scrollToIndex(rows.length - 1, { align: 'end' })
  }, [rows, virtual])

  return (
    <section className={styles.view} aria-labelledby={titleId}>
      <header className={styles.bar}>
        <h2 id={titleId} className={styles.title}>
          Output
        </h2>
        <div className={styles.choices} role="radiogroup" aria-label="Streams shown">
          {choices.map((name) => (
            <label key={name} className={styles.choice} data-chosen={choice === name}>
              <input type="radio" name={titleId} checked={choice === name} onChange={() => setChoice(name)} />
              {name}
            </label>
          ))}
        </div>
        <span className={styles.spring} />
        <label className={styles.choice} data-chosen={isWrapped}>
          <input
            type="checkbox"
            checked={isWrapped}
            onChange={() => {
              setWrapped(!isWrapped)
              virtual.measure() // what was measured with the lines wrapped is wrong without
            }}
          />
          wrap
        </label>
        {tools}
      </header>
      {snapshot.droppedBytes > 0 && (
        <p className={styles.notice} role="note">
          Only the last {formatBytes(bufferBytesMax)} are kept in this page; {formatBytes(snapshot.droppedBytes)} before them are
          not shown. Download the output to have all of it.
        </p>
      )}
      <section
        ref={scroller}
        className={styles.scroller}
        aria-label="What the program wrote"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={(event) => {
          const at = event.currentTarget
          isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < rowPx * 2
        }}
      >
        {rows.length === 0 ? (
          <p className={styles.empty}>{snapshot.rows.length === 0 ? whenEmpty : `Nothing on ${choice}.`}</p>
        ) : (
          <div className={styles.canvas} data-wrapped={isWrapped} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index]
              if (row === undefined) return null
              const before = rows[item.index - 1]
              const isFirst = row.kind === 'output' && (before?.kind !== 'output' || before.stream !== row.stream)
              return (
                <OutputRow
                  key={item.key}
                  row={row}
                  index={item.index}
                  measure={virtual.measureElement}
                  isFirstOfStream={isFirst}
                  style={{ transform: `translateY(${item.start}px)` }}
                />
              )
            })}
          </div>
        )}
      </section>
    </section>
  )
}

/** Runs are named only when there are several: over a single one the name says nothing. */
function rowsOf(rows: readonly Row[], choice: Choice): Row[] {
  const areNamed = rows.filter((row) => row.kind === 'run').length > 1
  return rows.filter((row) => (row.kind === 'run' ? areNamed : choice === 'both' || row.stream === choice))
}
