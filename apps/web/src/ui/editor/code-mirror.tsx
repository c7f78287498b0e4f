import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useEffectEvent, useRef } from 'react'
import { appearance } from './appearance.ts'
import styles from './editor.module.css'
import type { EditorProps } from './editor-props.ts'
import { languageOf } from './languages.ts'

/** CodeMirror owns the text while one types; React hears of changes and replaces the text only when another one is given. */
export function CodeMirror({ value, language, label, onChange, onRun }: EditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const changed = useEffectEvent((text: string) => onChange?.(text))
  const run = useEffectEvent(() => {
    onRun?.()
    return onRun !== undefined
  })
  const isReadOnly = onChange === undefined

  // An editor is a thing outside of React with a life of its own: made on mount, destroyed on unmount.
  // biome-ignore lint/correctness/useExhaustiveDependencies: later values of `value` and `language` are applied below
  useEffect(() => {
    if (host.current === null) return
    // In a shadow root CodeMirror adopts its style sheets; in the document it would write them inline, which the page forbids.
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' })
    view.current = new EditorView({
      parent: root,
      root,
      doc: value,
      extensions: [
        keymap.of([{ key: 'Mod-Enter', run: () => run() }]),
        isReadOnly ? [EditorState.readOnly.of(true)] : editing,
        shown,
        languageSlot.of([]),
        EditorView.contentAttributes.of({
          'aria-label': label,
          tabindex: '0',
          ...(isReadOnly ? {} : { 'aria-description': tabHint }),
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString())
        }),
      ],
    })
    return () => {
      view.current?.destroy()
      view.current = null
    }
  }, [isReadOnly, label])

  useEffect(() => {
    const editor = view.current
    if (editor === null || editor.state.doc.toString() === value) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  useEffect(() => {
    let isCurrent = true
    void languageOf(language).then((extension: Extension) => {
      if (isCurrent) view.current?.dispatch({ effects: languageSlot.reconfigure(extension) })
    })
    return () => {
      isCurrent = false
    }
  }, [language])

  return <div ref={host} className={styles.host} data-readonly={isReadOnly} />
}

const tabHint = 'Tab indents. Press Escape and then Tab to leave the editor.'
const languageSlot = new Compartment()

const shown: Extension = [
  lineNumbers(),
  // Bidi and other deceptive characters in source are drawn as marks: what one reviews is what runs.
  highlightSpecialChars({ addSpecialChars: /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g }),
  drawSelection(),
  bracketMatching(),
  appearance,
]

const editing: Extension = [
  history(),
  indentOnInput(),
  closeBrackets(),
  highlightActiveLine(),
  indentUnit.of('    '),
  EditorState.tabSize.of(4),
  keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
]
