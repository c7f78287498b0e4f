/**
 * Program output is hostile text. `visible` turns one row of it into pieces that are safe to show as text nodes: what a
 * terminal or the bidi algorithm would obey becomes a named mark that a reader sees and copies as written.
 */
export type Piece =
  | { readonly kind: 'text' | 'sgr'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string; readonly title: string }

/** ECMA-48: control strings (OSC, DCS, APC, PM, SOS), control sequences (CSI), then any two-byte escape. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this file is about
const escapes = /\u001b(?:[\]P_^X][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])/y

/** Line separators and everything that hides, or changes the direction: bidi controls, zero width, tags, soft hyphen, BOM. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Zl}\p{Zp}\ufff9-\ufffb]/u

const names: Readonly<Record<string, string>> = {
  '\u061c': 'ALM',
  '\u200b': 'ZWSP',
  '\u200c': 'ZWNJ',
  '\u200d': 'ZWJ',
  '\u200e': 'LRM',
  '\u200f': 'RLM',
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
  '\ufeff': 'BOM',
}

/** A joiner or variation selector after a pictograph belongs to the emoji: harmless, and a mark would tear it apart. */
const pictographBefore = /\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}\ufe0f]?$/u

export function visible(row: string): Piece[] {
  const pieces: Piece[] = []
  let text = ''
  const flush = () => {
    if (text !== '') pieces.push({ kind: 'text', text })
    text = ''
  }
  for (let at = 0; at < row.length; ) {
    const character = String.fromCodePoint(row.codePointAt(at) ?? 0)
    if (character === '\u001b') {
      escapes.lastIndex = at
      const sequence = escapes.exec(row)?.[0] ?? character
      flush()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
      if (/^\u001b\[[0-9;]*m$/.test(sequence)) pieces.push({ kind: 'sgr', text: sequence })
      else pieces.push(escapeMark(sequence))
      at += sequence.length
      continue
    }
    at += character.length
    const code = character.codePointAt(0) ?? 0
    const isEmojiPart = (character === '\u200d' || character === '\ufe0f') && pictographBefore.test(text)
    if (character !== '\t' && (code < 0x20 || (code >= 0x7f && code < 0xa0))) {
      flush()
      pieces.push({ kind: 'mark', text: controlPicture(code), title: `control character ${hex(code)}` })
    } else if (!isEmojiPart && invisible.test(character)) {
      flush()
      pieces.push({ kind: 'mark', text: names[character] ?? hex(code), title: `invisible character ${hex(code)}` })
    } else text += character
  }
  flush()
  return pieces
}

const hex = (code: number) => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`

/** U+2400 has a picture for each C0 control and for DEL; the C1 controls have none. */
const controlPicture = (code: number) => (code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : hex(code))

function escapeMark(sequence: string): Piece {
  const shown = [...sequence.slice(0, 48)]
    .map((c) =>
      (c.codePointAt(0) ?? 0) < 0x20 ? controlPicture(c.charCodeAt(0)) : invisible.test(c) ? hex(c.codePointAt(0) ?? 0) : c,
    )
    .join('')
  const kind =
    sequence[1] === ']' ? 'operating-system command' : sequence[1] === '[' ? 'terminal control sequence' : 'escape sequence'
  return { kind: 'mark', text: sequence.length > 48 ? `${shown}…` : shown, title: `${kind}, shown and not obeyed` }
}
