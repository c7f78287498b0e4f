/** Compares bytes with expected text. Linear in both: the program chooses its output, and may choose it to be slow. */
import type { Test } from '../spec.ts'

type StdioTest = Extract<Test, { kind: 'stdio' }>

export function outputMatches(test: Pick<StdioTest, 'expectedStdout' | 'checker' | 'epsilon'>, actual: Uint8Array): boolean {
  const expected = Buffer.from(test.expectedStdout, 'utf8')
  switch (test.checker) {
    case 'exact':
      return Buffer.compare(withoutTrailingBlanks(expected), withoutTrailingBlanks(actual)) === 0
    case 'tokens':
      return sameTokens(tokens(expected), tokens(actual), (a, b) => a === b)
    case 'float':
      return sameTokens(tokens(expected), tokens(actual), (a, b) => a === b || near(a, b, test.epsilon))
    default:
      return unknown(test.checker)
  }
}

const newline = 0x0a
const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x09 || byte === 0x0d

/** Blanks (space, tab, carriage return) before a line's end and blank lines at the end are forgiven; all else counts. */
function withoutTrailingBlanks(text: Uint8Array): Uint8Array {
  const kept = Buffer.allocUnsafe(text.length)
  let length = 0
  let lineStart = 0
  while (lineStart < text.length) {
    const found = text.indexOf(newline, lineStart)
    const lineEnd = found === -1 ? text.length : found
    let end = lineEnd
    while (end > lineStart && isBlank(text[end - 1])) end--
    kept.set(text.subarray(lineStart, end), length)
    length += end - lineStart
    if (found !== -1) kept[length++] = newline
    lineStart = lineEnd + 1
  }
  while (length > 0 && kept[length - 1] === newline) length--
  return kept.subarray(0, length)
}

/** As latin1, one character per byte: comparing must not lose bytes that are no valid UTF-8. */
function tokens(text: Uint8Array): readonly string[] {
  return (
    Buffer.from(text.buffer, text.byteOffset, text.length)
      .toString('latin1')
      .match(/[^ \t\n\v\f\r]+/g) ?? []
  )
}

function sameTokens(a: readonly string[], b: readonly string[], same: (a: string, b: string) => boolean): boolean {
  return a.length === b.length && a.every((token, index) => same(token, b[index] ?? ''))
}

const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

function near(expected: string, actual: string, epsilon: number): boolean {
  if (!number.test(expected) || !number.test(actual)) return false
  const wanted = Number(expected)
  const got = Number(actual)
  if (!Number.isFinite(wanted) || !Number.isFinite(got)) return false
  const difference = Math.abs(wanted - got)
  return difference <= epsilon || difference <= epsilon * Math.abs(wanted)
}

function unknown(checker: never): never {
  throw new Error(`unknown checker ${String(checker)}`)
}
