/**
 * Makes a program's output safe to show on a terminal. Escape sequences can rewrite what stands above, set the title,
 * fill the clipboard (OSC 52) or answer as if typed; bidirectional controls can show another text than there is.
 * Kept: tab, line feed, carriage return and everything printable.
 */
export type Stripper = { readonly strip: (bytes: Uint8Array) => string; readonly end: () => string }

type State = 'text' | 'escape' | 'intermediate' | 'csi' | 'string' | 'string-escape'
const ESC = '\u001b'
const BEL = '\u0007'

/** A string sequence is abandoned at a line end or after this much, so that one OSC cannot swallow all that follows. */
const stringMax = 4096

/** One for each stream: a sequence may be cut anywhere between two chunks. */
export function createStripper(): Stripper {
  const decoder = new TextDecoder()
  let state: State = 'text'
  let stringLength = 0

  const step = (character: string): string => {
    const code = character.charCodeAt(0)
    switch (state) {
      case 'text':
        return text(character, code)
      case 'escape':
        if ('[' === character) state = 'csi'
        else if (']PX^_'.includes(character)) startString()
        else if (code >= 0x20 && code <= 0x2f) state = 'intermediate'
        else state = character === ESC ? 'escape' : 'text'
        return character === '\n' ? '\n' : ''
      case 'intermediate':
      case 'csi':
        // Parameters and intermediates are 0x20-0x3f, the final byte 0x40-0x7e; anything else breaks the sequence off.
        if (code >= 0x20 && code <= 0x3f && !(state === 'intermediate' && code >= 0x30)) return ''
        if (code >= 0x20 && code <= 0x7e) state = 'text'
        else {
          state = 'text'
          return text(character, code)
        }
        return ''
      case 'string':
        if (character === ESC) state = 'string-escape'
        else if (character === BEL || character === '\u009c') state = 'text'
        else if (character === '\n' || ++stringLength > stringMax) {
          state = 'text'
          return text(character, code)
        }
        return ''
      case 'string-escape':
        state = 'text'
        if (character === '\\') return ''
        state = 'escape' // not a terminator: the escape begins a sequence of its own
        return step(character)
    }
  }

  const startString = () => {
    state = 'string'
    stringLength = 0
  }

  const text = (character: string, code: number): string => {
    if (character === ESC) state = 'escape'
    else if (character === '\u009b') state = 'csi'
    else if ('\u009d\u0090\u0098\u009e\u009f'.includes(character)) startString()
    else if (isShown(character, code)) return character
    return ''
  }

  const stripText = (decoded: string) => {
    let shown = ''
    for (const character of decoded) shown += step(character)
    return shown
  }
  return { strip: (bytes) => stripText(decoder.decode(bytes, { stream: true })), end: () => stripText(decoder.decode()) }
}

const bidirectional = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

function isShown(character: string, code: number): boolean {
  if (code < 0x20) return character === '\n' || character === '\r' || character === '\t'
  return !(code >= 0x7f && code <= 0x9f) && !bidirectional.test(character)
}

/** The same for one text that is whole: a name, a sentence from the server. Line ends become blanks. */
export function plain(text: string): string {
  const stripper = createStripper()
  return (stripper.strip(new TextEncoder().encode(text)) + stripper.end()).replace(/[\r\n\t]+/g, ' ')
}
