/**
 * The same policy as a profile of the OCI runtime specification, which runc, crun and Docker turn into a filter with
 * libseccomp. That library compares whole 64-bit arguments, the kernel reads the low word of these: so every comparison
 * is masked, else a program passes a forbidden value with a bit set above it.
 */

import table from '../supervision/syscalls.json' with { type: 'json' }
import { type Architecture, type SyscallName, syscallNumber } from '../supervision/syscalls.ts'
import { allowed, type Check, checks, errno, fatal, refused } from './policy.ts'

type Comparison = { index: number; value: number; valueTwo: number; op: 'SCMP_CMP_MASKED_EQ' } // (argument & value) == valueTwo
type Rule = {
  names: string[]
  action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO' | 'SCMP_ACT_KILL_PROCESS' | 'SCMP_ACT_KILL'
  errnoRet?: number
  args?: Comparison[]
}
export type SeccompProfile = {
  defaultAction: 'SCMP_ACT_ERRNO'
  defaultErrnoRet: number
  architectures: string[] // one: a call of any other ends the program
  syscalls: Rule[]
}

const architectureName: Record<Architecture, string> = { x64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' }

export function seccompProfile(architecture: Architecture): SeccompProfile {
  const here = (names: readonly SyscallName[]) => names.filter((name) => syscallNumber(name, architecture) !== null)
  const named = new Set<string>([...allowed, ...refused, ...fatal, ...checks.map(({ name }) => name)])
  const unknown = here((Object.keys(table) as SyscallName[]).filter((name) => !named.has(name))) // the keys of the very table
  const denied = (names: string[], errnoRet: number): Rule => ({ names, action: 'SCMP_ACT_ERRNO', errnoRet })
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: errno.ENOSYS,
    architectures: [architectureName[architecture]],
    syscalls: [
      { names: here(allowed), action: 'SCMP_ACT_ALLOW' },
      denied(here(refused), errno.EPERM),
      denied(unknown, errno.ENOSYS), // a runtime that does not know defaultErrnoRet would answer EPERM
      { names: here(fatal), action: 'SCMP_ACT_KILL_PROCESS' },
      ...checks.filter(({ name }) => here([name]).length > 0).flatMap(rulesOf),
    ],
  }
}

/** Rules of one call are alternatives and overlap only where they say the same: the library has no order among them. */
function rulesOf(check: Check): Rule[] {
  const { passing, failing } = patternsOf(check)
  const args = ([mask, value]: Pattern): Comparison[] => [
    { index: check.argument, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' },
  ]
  return [
    ...passing.map((pattern): Rule => ({ names: [check.name], action: 'SCMP_ACT_ALLOW', args: args(pattern) })),
    ...failing.map(
      (pattern): Rule => ({ names: [check.name], action: 'SCMP_ACT_ERRNO', errnoRet: check.errno, args: args(pattern) }),
    ),
  ]
}

type Pattern = readonly [mask: number, value: number]

const word = 0xffff_ffff

function patternsOf(check: Check): { passing: Pattern[]; failing: Pattern[] } {
  switch (check.kind) {
    case 'none-of-bits':
      return { passing: [[check.bits, 0]], failing: bitsOf(check.bits).map((bit) => [bit, bit]) }
    case 'one-of':
      return { passing: exactly(check.values), failing: allBut(check.values) }
    case 'not-one-of':
      return { passing: allBut(check.values), failing: exactly(check.values) }
  }
}

const exactly = (values: readonly number[]) => values.map((value): Pattern => [word, value])
const bitsOf = (bits: number) =>
  Array.from({ length: 32 }, (_, bit) => 2 ** bit).filter((bit) => Math.floor(bits / bit) % 2 === 1)

/** Patterns that together match every word but these values: at each bit, the half in which none of them lies. */
export function allBut(values: readonly number[], bit = 31, mask = 0, prefix = 0): Pattern[] {
  if (values.length === 0) return [[mask, prefix]]
  if (bit < 0) return []
  const here = 2 ** bit
  return [0, here].flatMap((set) =>
    allBut(
      values.filter((value) => (Math.floor(value / here) % 2 === 1) === (set === here)),
      bit - 1,
      mask + here,
      prefix + set,
    ),
  )
}
