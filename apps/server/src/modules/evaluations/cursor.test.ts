import type { OrganizationId } from '@crucible/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '../../platform/refusal/index.ts'
import { type CursorScope, readCursor, writeCursor } from './cursor.ts'

const scope: CursorScope = {
  key: Buffer.from('key'),
  list: 'evaluations',
  organizationId: 'org_a' as OrganizationId,
  filters: { status: ['queued'] },
}

test('a cursor leads back to its position', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (position) => {
      expect(readCursor(scope, writeCursor(scope, position))).toBe(position)
    }),
  )
})

test('no cursor is the first page', () => expect(readCursor(scope, undefined)).toBeNull())

test('a cursor that was changed in any character is refused', () => {
  const cursor = writeCursor(scope, 'evl_01j')
  fc.assert(
    fc.property(fc.nat(cursor.length - 1), fc.constantFrom(...'ABCxyz019-_'), (place, character) => {
      fc.pre(cursor[place] !== character)
      expect(() => readCursor(scope, cursor.slice(0, place) + character + cursor.slice(place + 1))).toThrow(Refusal)
    }),
  )
})

test.each([
  ['another list', { list: 'batch items' }],
  ['another organization', { organizationId: 'org_b' as OrganizationId }],
  ['other filters', { filters: { status: ['running'] } }],
  ['another installation', { key: Buffer.from('other') }],
])('a cursor of %s is refused', (_, other) => {
  expect(() => readCursor({ ...scope, ...other }, writeCursor(scope, 'x'))).toThrow('invalid_cursor')
})

test.each(['', 'a', '====', 'ä'])('%j is refused as a cursor', (text) => {
  expect(() => readCursor(scope, text)).toThrow('invalid_cursor')
})
