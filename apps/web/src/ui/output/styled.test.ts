import { expect, test } from 'vitest'
import { carry, styled } from './styled.ts'

test('colours become class names from a fixed list', () => {
  expect(styled('\x1b[1;31mred\x1b[0m plain')).toEqual([
    { text: 'red', classes: ['ansi-red', 'bold'] },
    { text: ' plain', classes: [] },
  ])
})

test('markup is text, and so is what looks like the name of a class', () => {
  expect(styled('<b onclick=x>"&amp;</b>')).toEqual([{ text: '<b onclick=x>"&amp;</b>', classes: [] }])
})

test('colours of a palette are left out, because they could hide text on our background', () => {
  expect(styled('\x1b[38;2;0;0;0m\x1b[48;5;16mhidden\x1b[8m?')).toEqual([
    { text: 'hidden', classes: [] },
    { text: '?', classes: [] },
  ])
})

test('a colour goes on in the next row until it is reset', () => {
  const carried = carry('\x1b[32mstart', '')
  expect(styled('next', carried)).toEqual([{ text: 'next', classes: ['ansi-green'] }])
  expect(carry('end\x1b[0m', carried)).toBe('')
})

test('a row of a million colours carries no more than a few', () => {
  const carried = carry('\x1b[31m\x1b[1m'.repeat(100_000), '')
  expect(carried.length).toBeLessThanOrEqual(96)
  expect(styled('x', carried)[0]?.classes).toEqual(['ansi-red', 'bold'])
})
