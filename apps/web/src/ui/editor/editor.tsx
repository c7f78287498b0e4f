import { lazy, Suspense } from 'react'
import styles from './editor.module.css'
import type { EditorProps } from './editor-props.ts'

const CodeMirror = lazy(() => import('./code-mirror.tsx').then((module) => ({ default: module.CodeMirror })))

/** The editor is half the weight of the app and comes when first needed. Without `onChange` it only shows. */
export function Editor(props: EditorProps) {
  return (
    <Suspense fallback={<p className={styles.wait}>Loading the editor…</p>}>
      <CodeMirror {...props} />
    </Suspense>
  )
}
