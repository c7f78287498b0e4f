import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { idOf, idSchema, uuidOf } from './ids.ts'

test('an id and its uuid are two spellings of one value', () => {
  for (let i = 0; i < 200; i++) {
    const uuid = randomUUID()
    const id = idOf('evl', uuid)
    expect(uuidOf(id)).toBe(uuid)
    expect(idSchema('evl').parse(id)).toBe(id)
  }
})

test('ids sort as their uuids do', () => {
  const uuids = Array.from({ length: 50 }, () => randomUUID()).sort()
  expect(uuids.map((uuid) => idOf('evl', uuid)).sort()).toEqual(uuids.map((uuid) => idOf('evl', uuid)))
})

test('what is not an id of this kind is refused', () => {
  const id = idOf('evl', randomUUID())
  for (const wrong of [
    '',
    'evl_',
    id.replace('evl', 'prj'),
    `${id}0`,
    id.slice(0, -1),
    id.toUpperCase(),
    `evl_8${id.slice(5)}`,
    `evl_u${id.slice(5)}`,
    ` ${id}`,
  ]) {
    expect(idSchema('evl').safeParse(wrong).success, wrong).toBe(false)
  }
})
