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
      pieces.push({ kind: 'mark', text: controlName(code), title: `control character ${hex(code)}` })
    } else if (!isEmojiPart && invisible.test(character)) {
      flush()
      pieces.push({ kind: 'mark', text: names[character] ?? hex(code), title: `invisible character ${hex(code)}` })
    } else text += character
  }
  flush()
  return pieces
}

const hex = (code: number) => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`

/** The standard's names of C0 and DEL. (Unicode has pictures of them, which many fonts lack.) */
const controls =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(' ')
const controlName = (code: number) => (code === 0x7f ? 'DEL' : (controls[code] ?? hex(code)))

const shownOfEscapeMax = 48

function escapeMark(sequence: string): Piece {
  const characters = [...sequence.slice(0, shownOfEscapeMax)].map((character) => {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return ` ${controlName(code)} `
    return invisible.test(character) ? ` ${hex(code)} ` : character
  })
  const kind =
    sequence[1] === ']' ? 'operating-system command' : sequence[1] === '[' ? 'terminal control sequence' : 'escape sequence'
  const more = sequence.length > shownOfEscapeMax ? '…' : ''
  return { kind: 'mark', text: characters.join('').trim() + more, title: `${kind}, shown and not obeyed` }
}
