import { expect, test } from 'vitest'
import { requirePlatform } from './platform.mjs'

test.each(['darwin', 'win32', 'freebsd'] as const)(
  'on %s it says in one sentence that it cannot sandbox and what to do',
  (platform) => {
    expect(() => requirePlatform({ platform, arch: 'x64' })).toThrow(
      /^Crucible cannot sandbox programs on .*: run it in a Linux machine/,
    )
  },
)

test('an architecture without a system-call filter is refused', () => {
  expect(() => requirePlatform({ platform: 'linux', arch: 'riscv64' })).toThrow(/no system-call filter for riscv64/)
})

test('linux on x64 and arm64 is accepted', () => {
  for (const arch of ['x64', 'arm64'] as const) expect(() => requirePlatform({ platform: 'linux', arch })).not.toThrow()
})
