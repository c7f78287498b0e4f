/** One sentence of an engine about this machine, for `doctor`. */
export type Finding = {
  readonly level: 'ok' | 'warning' | 'error'
  readonly text: string
  readonly remedy: string | null
}
