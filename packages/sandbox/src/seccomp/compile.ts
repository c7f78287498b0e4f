/** Turns the policy into the bytes that `bwrap --seccomp` loads: an array of `struct sock_filter`. */
import { type Architecture, requiredNumber, type SyscallName, syscallNumber } from '../supervision/syscalls.ts'
import { allowed, type Check, checks, errno, fatal, refused } from './policy.ts'

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, k: number]

const LOAD = 0x20 // BPF_LD | BPF_W | BPF_ABS: a word of struct seccomp_data
const JUMP = 0x05 // BPF_JMP | BPF_JA
const JUMP_EQUAL = 0x15
const JUMP_AT_LEAST = 0x35
const JUMP_ANY_BIT = 0x45
const RETURN = 0x06

const KILL_PROCESS = 0x8000_0000
const ALLOW = 0x7fff_0000
const ERRNO = 0x0005_0000

const auditArchitecture: Record<Architecture, number> = { x64: 0xc000_003e, arm64: 0xc000_00b7 }
const x32Bit = 0x4000_0000 // the x32 calls share x86-64's architecture word and would slip past a table of numbers

const numberOffset = 0
const architectureOffset = 4
const argumentOffset = (index: number) => 16 + 8 * index // low word: both processors are little-endian

const returning = (action: number): Instruction => [RETURN, 0, 0, action]

/** `besides`: calls that are allowed whatever the policy says of them. */
export function compileFilter(architecture: Architecture, besides: readonly SyscallName[] = []): Buffer {
  const program: Instruction[] = [
    [LOAD, 0, 0, architectureOffset],
    [JUMP_EQUAL, 1, 0, auditArchitecture[architecture]],
    returning(KILL_PROCESS),
    [LOAD, 0, 0, numberOffset],
    ...(architecture === 'x64' ? ([[JUMP_AT_LEAST, 0, 1, x32Bit], returning(KILL_PROCESS)] as const) : []),
    ...search(ranges(architecture, besides)),
  ]
  // BPF_MAXINSNS. The kernel would refuse a longer filter anyway, but only when the first sandbox starts.
  if (program.length > 4096) throw new Error(`The seccomp filter has ${program.length} instructions, at most 4096 fit.`)
  return encode(program)
}

type Range = { from: number; body: readonly Instruction[]; key: string }

/** Call numbers cut into ranges that are treated alike, in ascending order and without gaps. */
function ranges(architecture: Architecture, besides: readonly SyscallName[]): Range[] {
  const bodies = new Map<number, { body: readonly Instruction[]; key: string }>()
  const put = (name: SyscallName, body: readonly Instruction[], key: string) => {
    const number = syscallNumber(name, architecture)
    if (number === null) return
    if (bodies.has(number)) throw new Error(`The seccomp policy names ${name} twice.`)
    bodies.set(number, { body, key })
  }
  for (const name of allowed) put(name, [returning(ALLOW)], 'allow')
  for (const name of refused) put(name, [returning(ERRNO | errno.EPERM)], 'refuse')
  for (const name of fatal) put(name, [returning(KILL_PROCESS)], 'kill')
  for (const check of checks) put(check.name, checking(check), check.name)
  for (const name of besides) bodies.set(requiredNumber(name, architecture), { body: [returning(ALLOW)], key: 'allow' })

  const unknown = { body: [returning(ERRNO | errno.ENOSYS)], key: 'unknown' }
  const result: Range[] = []
  const last = Math.max(...bodies.keys())
  for (let number = 0; number <= last + 1; number++) {
    const wanted = bodies.get(number) ?? unknown
    if (result.at(-1)?.key !== wanted.key) result.push({ from: number, ...wanted })
  }
  return result
}

/** Binary search: some eight comparisons for any call, where a list would make the common ones pay for the rare. */
function search(sorted: readonly Range[]): Instruction[] {
  const [only] = sorted
  if (!only) return []
  if (sorted.length === 1) return [...only.body]
  const middle = sorted.length >> 1
  const left = search(sorted.slice(0, middle))
  const right = search(sorted.slice(middle))
  const from = sorted[middle]?.from ?? 0
  // A conditional jump reaches 255 instructions; beyond that it steps onto an unconditional one.
  return left.length <= 255
    ? [[JUMP_AT_LEAST, left.length, 0, from], ...left, ...right]
    : [[JUMP_AT_LEAST, 0, 1, from], [JUMP, 0, 0, left.length], ...left, ...right]
}

function checking(check: Check): Instruction[] {
  const load: Instruction = [LOAD, 0, 0, argumentOffset(check.argument)]
  const no = returning(ERRNO | check.errno)
  const yes = returning(ALLOW)
  if (check.kind === 'none-of-bits') return [load, [JUMP_ANY_BIT, 0, 1, check.bits], no, yes]
  const [otherwise, match] = check.kind === 'one-of' ? [no, yes] : [yes, no]
  const comparisons = check.values.map((value, index): Instruction => [JUMP_EQUAL, check.values.length - index, 0, value])
  return [load, ...comparisons, otherwise, match]
}

function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8)
  program.forEach(([code, jumpTrue, jumpFalse, k], index) => {
    bytes.writeUInt16LE(code, index * 8)
    bytes.writeUInt8(jumpTrue, index * 8 + 2)
    bytes.writeUInt8(jumpFalse, index * 8 + 3)
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4) // `|` above made it signed
  })
  return bytes
}
