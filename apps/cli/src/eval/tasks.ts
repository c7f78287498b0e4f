import { UsageError } from '../failures.ts'
import type { NumberedRow, Row } from './jsonl.ts'

/** A benchmark's problem, whatever file it came from. */
export type Task = {
  readonly taskId: string
  readonly format: string
  readonly language: string
  /** The program up to where a sample goes on; empty where a sample is a whole program. */
  readonly prompt: string
  /** The solution that came with it, if any. */
  readonly solution: string | null
  /** The hidden program that judges. */
  readonly harness: string
  /** The wall-clock limit of the benchmark's published harness, for judging samples as it does. */
  readonly publishedWallMs: number
}

type Format = {
  readonly name: string
  readonly isOne: (row: Row) => boolean
  readonly read: (from: NumberedRow, taskId: string) => Omit<Task, 'taskId' | 'format'>
}

/** The language that a prefix of HumanEval-X's ids stands for: `CPP/22`. */
const prefixes: Readonly<Record<string, string>> = {
  Python: 'python',
  CPP: 'cpp',
  Java: 'java',
  JavaScript: 'javascript',
  Go: 'go',
  Rust: 'rust',
}

/** How each benchmark puts a program together. The first that knows a row's fields reads it. */
const formats: readonly Format[] = [
  {
    name: 'MBPP',
    isOne: (row) => 'test_list' in row && ('code' in row || 'text' in row || 'prompt' in row),
    read: (from) => ({
      language: 'python',
      prompt: '',
      solution: optional(from, 'code'),
      harness: lines([
        optional(from, 'test_setup_code') ?? '',
        ...texts(from, 'test_list'),
        ...texts(from, 'challenge_test_list'),
      ]),
      publishedWallMs: 3_000,
    }),
  },
  {
    name: 'HumanEval-X',
    isOne: (row) => 'example_test' in row && 'declaration' in row,
    read: (from, taskId) => ({
      language: prefixes[taskId.split('/')[0] ?? ''] ?? unknownLanguage(from),
      prompt: required(from, 'prompt'),
      solution: optional(from, 'canonical_solution'),
      harness: required(from, 'test'),
      publishedWallMs: 5_000,
    }),
  },
  {
    name: 'MBXP',
    isOne: (row) => 'language' in row && 'entry_point' in row && 'test' in row,
    read: (from) => {
      const language = required(from, 'language')
      const test = required(from, 'test')
      return {
        language,
        prompt: required(from, 'prompt'),
        solution: optional(from, 'canonical_solution'),
        // Its Python rows define a check as HumanEval does; in the other languages the test runs itself.
        harness: language === 'python' ? lines([test, `check(${required(from, 'entry_point')})`]) : test,
        publishedWallMs: 15_000,
      }
    },
  },
  {
    name: 'HumanEval',
    isOne: (row) => 'prompt' in row && 'entry_point' in row && 'test' in row,
    read: (from) => ({
      language: 'python',
      prompt: required(from, 'prompt'),
      solution: optional(from, 'canonical_solution'),
      harness: lines([required(from, 'test'), `check(${required(from, 'entry_point')})`]),
      publishedWallMs: 3_000,
    }),
  },
]

/** The problem in a row, by its fields. */
export function taskOf(from: NumberedRow): Task {
  const format = formats.find((each) => each.isOne(from.row))
  if (format === undefined) {
    throw new UsageError(
      `${from.where} is none of ${formats.map((each) => each.name).join(', ')}: its fields are ${Object.keys(from.row).slice(0, 12).join(', ')}.`,
    )
  }
  const taskId = taskIdOf(from)
  return { taskId, format: format.name, ...format.read(from, taskId) }
}

/** The program that is judged: the prompt and what goes on from it. */
export const programOf = (task: Task, solution: string) => task.prompt + solution

/** MBPP numbers its tasks; everywhere else they are text. */
export function taskIdOf({ row, where }: NumberedRow): string {
  const id = row['task_id']
  if (typeof id === 'string' && id !== '') return id
  if (typeof id === 'number') return String(id)
  throw new UsageError(`${where} has no task_id.`)
}

export function required(from: NumberedRow, field: string): string {
  const value = optional(from, field)
  if (value === null) throw new UsageError(`${from.where} has no ${field}.`)
  return value
}

/** An empty text is none: some rows ship without a solution. */
function optional({ row, where }: NumberedRow, field: string): string | null {
  const value = row[field] ?? ''
  if (typeof value !== 'string') throw new UsageError(`${where}: ${field} is not text.`)
  return value === '' ? null : value
}

function texts({ row, where }: NumberedRow, field: string): string[] {
  const value = row[field] ?? []
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
    throw new UsageError(`${where}: ${field} is not a list of texts.`)
  return value
}

const lines = (parts: readonly string[]) =>
  parts
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('')

const unknownLanguage = ({ where }: NumberedRow): never => {
  throw new UsageError(`${where}: its task_id does not begin with a language (${Object.keys(prefixes).join(', ')}).`)
}
