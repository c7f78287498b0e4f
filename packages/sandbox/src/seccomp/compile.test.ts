import { expect, test } from 'vitest'
import table from '../supervision/syscalls.json' with { type: 'json' }
import { type Architecture, architectures, type SyscallName, syscallNumber } from '../supervision/syscalls.ts'
import { compileFilter } from './compile.ts'
import { allowed, checks, fatal, refused } from './policy.ts'

const audit = { x64: 0xc000_003e, arm64: 0xc000_00b7 }
const verdicts = new Map([
  [0x7fff_0000, 'allow'],
  [0x0005_0001, 'EPERM'],
  [0x0005_0026, 'ENOSYS'],
  [0x0005_0061, 'EAFNOSUPPORT'],
  [0x8000_0000, 'kill'],
])

/** What the kernel's interpreter does with a filter, for the few instructions that we use. */
function interpret(program: Buffer, call: { arch: number; nr: number; args?: number[] }): string {
  const words = [call.nr, call.arch, 0, 0, ...(call.args ?? []).flatMap((argument) => [argument >>> 0, 0])]
  let accumulator = 0
  for (let at = 0, steps = 0; steps < 4096; steps++, at++) {
    const code = program.readUInt16LE(at * 8)
    const [jumpTrue, jumpFalse, k] = [
      program.readUInt8(at * 8 + 2),
      program.readUInt8(at * 8 + 3),
      program.readUInt32LE(at * 8 + 4),
    ]
    if (code === 0x20) accumulator = (words[k / 4] ?? 0) >>> 0
    else if (code === 0x05) at += k
    else if (code === 0x15) at += accumulator === k ? jumpTrue : jumpFalse
    else if (code === 0x35) at += accumulator >= k ? jumpTrue : jumpFalse
    else if (code === 0x45) at += (accumulator & k) !== 0 ? jumpTrue : jumpFalse
    else if (code === 0x06) return verdicts.get(k) ?? `unknown ${k}`
    else throw new Error(`instruction ${code} at ${at}`)
  }
  throw new Error('The filter does not end.')
}

const ask = (architecture: Architecture, name: SyscallName, args: number[] = []) =>
  interpret(compileFilter(architecture), { arch: audit[architecture], nr: syscallNumber(name, architecture) ?? -1, args })

const all = Object.keys(table) as SyscallName[] // the keys of that very table

test.each(architectures)(
  'on %s every call gets exactly what the policy says, and one that it does not name ENOSYS',
  (architecture) => {
    const program = compileFilter(architecture)
    const checked = new Set(checks.map(({ name }) => name))
    for (const name of all) {
      const nr = syscallNumber(name, architecture)
      if (nr === null || checked.has(name)) continue
      const expected = allowed.includes(name)
        ? 'allow'
        : refused.includes(name)
          ? 'EPERM'
          : fatal.includes(name)
            ? 'kill'
            : 'ENOSYS'
      expect([name, interpret(program, { arch: audit[architecture], nr })]).toEqual([name, expected])
    }
  },
)

test('every name of the policy is a system call', () => {
  for (const name of [...allowed, ...refused, ...fatal, ...checks.map((check) => check.name)]) expect(all).toContain(name)
})

test('calls of a foreign architecture, of x32 and beyond the table end the program or do not exist', () => {
  const program = compileFilter('x64')
  expect(interpret(program, { arch: 0x4000_0003, nr: 1 })).toBe('kill') // int 0x80
  expect(interpret(program, { arch: audit.x64, nr: 0x4000_0001 })).toBe('kill') // x32
  expect(interpret(program, { arch: audit.arm64, nr: 1 })).toBe('kill')
  expect(interpret(program, { arch: audit.x64, nr: 9999 })).toBe('ENOSYS')
})

test.each(architectures)('on %s arguments that make an allowed call dangerous are refused', (architecture) => {
  expect(ask(architecture, 'clone', [17])).toBe('allow')
  expect(ask(architecture, 'clone', [0x003d_0f00])).toBe('allow') // a thread
  for (const bit of [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000]) {
    expect(ask(architecture, 'clone', [17 | bit])).toBe('EPERM')
  }
  expect(ask(architecture, 'clone3')).toBe('ENOSYS')
  for (const family of [1, 2, 10]) expect(ask(architecture, 'socket', [family])).toBe('allow')
  for (const family of [0, 3, 16, 17, 38, 40]) expect(ask(architecture, 'socket', [family])).toBe('EAFNOSUPPORT')
  expect(ask(architecture, 'ioctl', [0, 0x5412])).toBe('EPERM')
  expect(ask(architecture, 'ioctl', [0, 0x541c])).toBe('EPERM')
  expect(ask(architecture, 'ioctl', [0, 0x5413])).toBe('allow')
  expect(ask(architecture, 'prlimit64', [0])).toBe('allow')
  expect(ask(architecture, 'prlimit64', [1])).toBe('EPERM')
  expect(ask(architecture, 'personality', [0xffff_ffff])).toBe('allow')
  expect(ask(architecture, 'personality', [0x4_0000])).toBe('EPERM')
})
