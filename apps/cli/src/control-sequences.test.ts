import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStripper, plain } from './control-sequences.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const strip = (...chunks: (string | Uint8Array)[]) => {
  const stripper = createStripper()
  return chunks.map((chunk) => stripper.strip(typeof chunk === 'string' ? encode(chunk) : chunk)).join('') + stripper.end()
}

test.each([
  ['colours', 'a\u001b[31mred\u001b[0mb', 'aredb'],
  ['cursor movement and clearing', '\u001b[2J\u001b[1;1Hx', 'x'],
  ['private modes', '\u001b[?1049hx', 'x'],
  ['a window title', '\u001b]0;pwned\u0007x', 'x'],
  ['the clipboard (OSC 52)', '\u001b]52;c;cm0gLXJmIH4=\u001b\\x', 'x'],
  ['a hyperlink', '\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['device control', '\u001bP$q"p\u001b\\x', 'x'],
  ['a character set', '\u001b(0x', 'x'],
  ['a reset', '\u001bcx', 'x'],
  ['8-bit introducers', '\u009b31mx\u009d0;t\u009cy', 'xy'],
  ['a bell, a backspace, a delete, a NUL', 'a\u0007b\bc\u007fd\0e', 'abcde'],
  ['bidirectional overrides', 'a\u202eb\u2066c', 'abc'],
  ['an escape that begins again', '\u001b\u001b[31mx', 'x'],
  ['an escape inside a title that starts a sequence of its own', '\u001b]0;t\u001b[31mx', 'x'],
])('%s do not reach the terminal', (_, hostile, shown) => expect(strip(hostile)).toBe(shown))

test('text, tabs and line ends pass, in any script', () => expect(strip('Zoë\t日本\r\n👩‍💻\n')).toBe('Zoë\t日本\r\n👩‍💻\n'))

test('a sequence that is cut between chunks is still one', () =>
  expect(strip('a\u001b', '[3', '1', 'mb', '\u001b]0;', 'x\u001b', '\\c')).toBe('abc'))

test('a character that is cut between chunks is still one', () => {
  const bytes = encode('é')
  expect(strip(bytes.slice(0, 1), bytes.slice(1))).toBe('é')
})

test('an unfinished title hides neither the next line nor everything after', () => {
  expect(strip('\u001b]0;never ends\nstill here')).toBe('\nstill here')
  expect(strip(`\u001b]0;${'x'.repeat(5000)}`).length).toBeGreaterThan(0)
})

test('whatever comes in, however it is cut, no control character comes out', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (chunks) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be absent
      expect(strip(...chunks)).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }),
  )
})

test('a name on one line stays on one line', () => expect(plain('a\nb\u001b[31m\tc')).toBe('a b c'))
