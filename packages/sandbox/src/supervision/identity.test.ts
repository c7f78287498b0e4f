import { expect, test } from 'vitest'
import { chooseIdentity } from './identity.ts'

const whole = '         0          0 4294967295\n'
const root = { euid: 0, uidMap: whole, gidMap: whole }

test('real root gives every slot a host user of its own', () => {
  expect(chooseIdentity(root, 8, null)).toEqual({ kind: 'slots', uidBase: 1_900_000_000 })
  expect(chooseIdentity(root, 8, 200_000)).toEqual({ kind: 'slots', uidBase: 200_000 })
})
test('an ordinary user stays that user and never becomes root', () => {
  expect(chooseIdentity({ ...root, euid: 1000 }, 8, null)).toEqual({ kind: 'single', outer: 1000, inner: 1000 })
})
test('root of a user namespace of somebody ordinary runs sandboxes as nobody', () => {
  const map = '         0       1000          1\n'
  expect(chooseIdentity({ euid: 0, uidMap: map, gidMap: map }, 8, null)).toEqual({ kind: 'single', outer: 0, inner: 65534 })
})
test('real root without room for slot users is refused and told which setting to change', () => {
  const small = '         0          0      65536\n'
  expect(() => chooseIdentity({ euid: 0, uidMap: small, gidMap: small }, 8, null)).toThrow('CRUCIBLE_UID_BASE')
  expect(() => chooseIdentity({ euid: 0, uidMap: whole, gidMap: small }, 8, null)).toThrow('CRUCIBLE_UID_BASE')
  expect(chooseIdentity({ euid: 0, uidMap: small, gidMap: small }, 8, 60_000)).toEqual({ kind: 'slots', uidBase: 60_000 })
})
test('host root is never a slot user', () => {
  expect(() => chooseIdentity(root, 8, 0)).toThrow('CRUCIBLE_UID_BASE')
})
