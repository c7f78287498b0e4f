import { expect, test } from 'vitest'
import { checks } from './policy.ts'
import { allBut, seccompProfile } from './profile.ts'

const matches = (word: number, patterns: readonly (readonly [number, number])[]) =>
  patterns.some(([mask, value]) => (BigInt(word) & BigInt(mask)) === BigInt(value))

test('everything but the forbidden words passes, whatever stands in the bits above', () => {
  const patterns = allBut([0x5412, 0x541c])
  for (const word of [0x5412, 0x541c, 0x5412 + 2 ** 40]) expect(matches(word, patterns)).toBe(false)
  for (const word of [0, 0x5411, 0x5413, 0x541d, 0x5410, 0xd412, 0x8000_5412, 0xffff_ffff, 0x5401]) {
    expect(matches(word, patterns)).toBe(true)
  }
})

test('each call is named by one action, or by its checks alone', () => {
  for (const architecture of ['x64', 'arm64'] as const) {
    const { syscalls } = seccompProfile(architecture)
    const plain = syscalls.filter(({ args }) => args === undefined).flatMap(({ names }) => names)
    expect(new Set(plain).size).toBe(plain.length)
    expect(checks.filter(({ name }) => plain.includes(name))).toEqual([])
  }
})

test('a call that we do not name is answered as by a kernel that is too old for it', () => {
  const { defaultErrnoRet, syscalls } = seccompProfile('x64')
  expect(defaultErrnoRet).toBe(38)
  expect(syscalls.find(({ names }) => names.includes('clone3'))).toMatchObject({ action: 'SCMP_ACT_ERRNO', errnoRet: 38 })
  expect(syscalls.find(({ names }) => names.includes('kexec_load'))).toMatchObject({ action: 'SCMP_ACT_KILL_PROCESS' })
})
