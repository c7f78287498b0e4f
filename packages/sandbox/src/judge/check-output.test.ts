import { describe, expect, test } from 'vitest'
import { outputMatches } from './check-output.ts'

const bytes = (text: string) => Buffer.from(text, 'utf8')
const matches = (checker: 'exact' | 'tokens' | 'float', expectedStdout: string, actual: string | Uint8Array, epsilon = 1e-6) =>
  outputMatches({ checker, expectedStdout, epsilon }, typeof actual === 'string' ? bytes(actual) : actual)

describe('exact', () => {
  test.for([
    ['a\nb\n', 'a\nb\n'],
    ['a\nb\n', 'a\nb'],
    ['a\nb', 'a  \nb\t\r\n\n\n'],
    ['', '\n \n'],
    ['', ''],
    ['  a', '  a'],
    ['é\u00a0x', 'é\u00a0x'],
  ])('%j forgives %j', ([expected = '', actual = '']) => expect(matches('exact', expected, actual)).toBe(true))
  test.for([
    ['a\nb', 'a\n\nb'],
    ['a', ' a'],
    ['a b', 'a  b'],
    ['a', '\na'],
    ['a', 'A'],
    ['a', ''],
    ['a\u00a0', 'a'], // a no-break space is a character, not a blank
    ['a\rb', 'a\nb'], // a lone carriage return is no line's end
  ])('%j is not %j', ([expected = '', actual = '']) => expect(matches('exact', expected, actual)).toBe(false))
})

test('bytes that are no UTF-8 equal no text, not even their own replacement character', () => {
  expect(matches('exact', '\ufffd', Buffer.from([0xff]))).toBe(false)
  expect(matches('tokens', '\ufffd', Buffer.from([0xff]))).toBe(false)
})

test('tokens compares words and forgives all white space between them', () => {
  expect(matches('tokens', '1 2\n3\n', '  1\t2 3')).toBe(true)
  expect(matches('tokens', '1 2 3', '1 23')).toBe(false)
  expect(matches('tokens', '1 2 3', '1 2')).toBe(false)
  expect(matches('tokens', '', ' \n')).toBe(true)
})

describe('float', () => {
  test.for([
    ['0.1', '0.1000000001', 1e-6],
    ['1000000', '1000000.5', 1e-6],
    ['1e3', '1000', 1e-9],
    ['-0', '0', 1e-9],
    ['answer 3.14', 'answer 3.1400000001', 1e-6],
    ['nan', 'nan', 1e-6],
  ] as const)('%s allows %s', ([expected, actual, epsilon]) => expect(matches('float', expected, actual, epsilon)).toBe(true))
  test.for([
    ['0.1', '0.2', 1e-6],
    ['1', 'nan', 1e-6],
    ['1', 'Infinity', 1e-6],
    ['16', '0x10', 1e-6],
    ['1', '1.0x', 1e-6],
    ['a', 'b', 1e9],
    ['1 2', '1', 1e-6],
    ['1e308', '9e999', 1e-6],
  ] as const)('%s refuses %s', ([expected, actual, epsilon]) => expect(matches('float', expected, actual, epsilon)).toBe(false))
})

test('output made to be slow to compare is compared in linear time', () => {
  const blanks = Buffer.alloc(4 * 2 ** 20, ' ')
  const hostile = Buffer.concat([blanks, bytes('x')])
  expect(matches('exact', 'x', hostile)).toBe(false)
  expect(matches('float', '1', Buffer.concat([Buffer.alloc(4 * 2 ** 20, '1'), bytes('x')]))).toBe(false)
})
