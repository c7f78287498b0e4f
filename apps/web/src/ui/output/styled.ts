import Anser from 'anser'
import { visible } from './visible.ts'

/** What one row is drawn from: only text, class names from a fixed list, and a title of ours. Never HTML. */
export type Span = { readonly text: string; readonly classes: readonly string[]; readonly title?: string }

/** Colours carry over line ends, as in a terminal: `carried` is what `carry` found in the rows before. */
export function styled(row: string, carried = ''): Span[] {
  const anser = new Anser()
  const spans: Span[] = []
  let look: readonly string[] = []
  const obey = (sgr: string) => {
    // The blank gives the sequence something to apply to; the program's own text is never parsed a second time.
    const entry = anser.ansiToJson(`${sgr} `, { json: true, use_classes: true }).at(-1)
    if (entry !== undefined) look = classesOf(entry)
  }
  if (carried !== '') obey(carried)
  for (const piece of visible(row)) {
    if (piece.kind === 'sgr') obey(piece.text)
    else if (piece.kind === 'mark') spans.push({ text: piece.text, classes: ['mark'], title: piece.title })
    else spans.push({ text: piece.text, classes: look })
  }
  return spans
}

/** The sequences still in force at the end of a row. Bounded: a row of a million colours keeps the last few. */
export function carry(row: string, carried: string): string {
  let kept = carried
  for (const [sequence] of row.matchAll(sgrSequence)) kept = /\[0*m$/.test(sequence) ? '' : (kept + sequence).slice(-carriedMax)
  return kept === '' ? '' : kept.slice(Math.max(0, kept.indexOf('\u001b')))
}
const carriedMax = 96

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins every sequence
const sgrSequence = /\u001b\[[0-9;]*m/g

const decorations: Readonly<Record<string, string>> = {
  bold: 'bold',
  dim: 'dim',
  italic: 'italic',
  underline: 'underline',
  strikethrough: 'struck',
}

/** Palette and true colours are left out: they are chosen for somebody's background, not ours, and could hide text on it. */
function classesOf(entry: Anser.AnserJsonEntry): readonly string[] {
  const classes: string[] = []
  if (named.test(entry.fg ?? '')) classes.push(entry.fg)
  if (named.test(entry.bg ?? '')) classes.push(`${entry.bg}-bg`)
  for (const decoration of new Set(entry.decorations)) {
    const known = decorations[decoration]
    if (known !== undefined) classes.push(known)
  }
  return classes
}
const named = /^ansi-(bright-)?(black|red|green|yellow|blue|magenta|cyan|white)$/
