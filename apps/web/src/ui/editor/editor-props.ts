export type EditorProps = {
  readonly value: string
  readonly language: string
  readonly label: string
  readonly onChange?: (value: string) => void
  /** Ctrl-Enter or Cmd-Enter. */
  readonly onRun?: () => void
}
