import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visible } from './visible.ts'

const shown = (row: string) =>
  visible(row)
    .map((piece) => (piece.kind === 'mark' ? `‹${piece.text}›` : piece.text))
    .join('')

test('a control character becomes its name; tab stays what it is', () => {
  expect(shown('a\0b\x07c\x08d\x7fe\tf\rg')).toBe('a‹NUL›b‹BEL›c‹BS›d‹DEL›e\tf‹CR›g')
})

test('an operating-system command, such as the one that writes to the clipboard, is shown and not obeyed', () => {
  expect(shown('a\x1b]52;c;ZXZpbA==\x07b')).toBe('a‹ESC ]52;c;ZXZpbA== BEL›b')
  expect(shown('\x1b]8;;https://example.test\x1b\\link')).toBe('‹ESC ]8;;https://example.test ESC \\›link')
})

test('clearing the screen and moving the cursor are shown', () => {
  expect(shown('\x1b[2J\x1b[1;1H!')).toBe('‹ESC [2J›‹ESC [1;1H›!')
})

test('a control string that never ends takes no more than its row', () => {
  expect(shown(`\x1b]0;${'x'.repeat(100)}`)).toMatch(/^‹ESC \]0;x{44}…›$/)
})

test('the C1 form of an escape is marked too', () => {
  expect(shown('\u009b31m')).toBe('‹U+009B›31m')
})

test('bidi controls and invisible characters become marks', () => {
  expect(shown('access\u202elevel\u2066user\u2069')).toBe('access‹RLO›level‹LRI›user‹PDI›')
  expect(shown('a\u200bb\ufeffc\u2028d\u{e0041}e\u034ff')).toBe('a‹ZWSP›b‹BOM›c‹U+2028›d‹U+E0041›e‹U+034F›f')
})

test('an emoji keeps its joiners, a name does not', () => {
  expect(shown('👩‍🚀 ok')).toBe('👩‍🚀 ok')
  expect(shown('ad\u200dmin')).toBe('ad‹ZWJ›min')
})

test('colours are handed on, apart from the text', () => {
  expect(visible('\x1b[31mred')).toEqual([
    { kind: 'sgr', text: '\x1b[31m' },
    { kind: 'text', text: 'red' },
  ])
})

test('whatever is written, no text piece holds anything that a terminal or the bidi algorithm would obey', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\x1b', '\x1b[', '\x1b]', '\u202e', '\u200d', '\0', '\x9b', 'm', '👩'),
  )
  fc.assert(
    fc.property(fc.array(nasty, { maxLength: 30 }), (parts) => {
      for (const piece of visible(parts.join(''))) {
        if (piece.kind === 'sgr') continue
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
        expect(piece.text).not.toMatch(/[\0-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
      }
    }),
  )
})
