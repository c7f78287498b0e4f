import { lazy, Suspense } from 'react'
import styles from './editor.module.css'

export type EditorProps = {
  readonly value: string
  readonly language: string
  readonly label: string
  readonly onChange?: (value: string) => void
  /** Ctrl-Enter or Cmd-Enter. */
  readonly onRun?: () => void
}

const CodeMirror = lazy(() => import('./code-mirror.tsx').then((module) => ({ default: module.CodeMirror })))

/** The editor is half the weight of the app and comes when first needed. Without `onChange` it only shows. */
export function Editor(props: EditorProps) {
  return (
    <Suspense fallback={<p className={styles.wait}>Loading the editor…</p>}>
      <CodeMirror {...props} />
    </Suspense>
  )
}
