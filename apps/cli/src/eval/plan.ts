import type { SubmitEvaluation } from '@crucible/contracts'
import { UsageError } from '../failures.ts'
import { rowsOf } from './jsonl.ts'
import { programOf, required, type Task, taskIdOf, taskOf } from './tasks.ts'

/** One sample of one task: the unit that is submitted and judged. */
export type Sample = { readonly taskId: string; readonly sample: number } // `sample` counts from 0 within its task

export type Plan = {
  readonly formats: readonly string[]
  readonly languages: readonly string[]
  readonly samples: readonly Sample[]
  /** Tasks that came without a solution, or for which there is no sample. */
  readonly left: readonly string[]
  readonly wallMs: number
  /** The submissions, in the order of `samples`, read from the files anew at each call. */
  readonly submissions: () => AsyncGenerator<SubmitEvaluation>
}

export type PlanOptions = {
  readonly dataset: string
  readonly samples?: string | undefined
  readonly language?: string | undefined
  readonly limits: NonNullable<SubmitEvaluation['limits']>
  readonly tasksMax?: number | undefined
}

/** Wide enough for every shipped solution on a slow, busy machine: a verdict must not depend on who else is running. */
const wallMs = 20_000
const memoryBytes = 2 * 1024 ** 3
const processes = 256 // a Java virtual machine alone starts dozens of threads

/**
 * Reads everything once before anything is submitted, so that a broken line 5,000 costs nothing; what is kept of it is
 * ids. The programs are read again as they are sent.
 */
export async function planOf(options: PlanOptions): Promise<Plan> {
  const formats = new Set<string>()
  const languages = new Set<string>()
  const samples: Sample[] = []
  const counts = new Map<string, number>()
  const seen = new Set<string>()
  let published = 0
  for await (const task of tasksOf(options)) {
    if (seen.has(task.taskId)) throw new UsageError(`${options.dataset} has the task ${task.taskId} twice.`)
    seen.add(task.taskId)
    formats.add(task.format)
    languages.add(task.language)
    published = Math.max(published, task.publishedWallMs)
  }
  for await (const { task } of programsOf(options)) {
    const sample = counts.get(task.taskId) ?? 0
    counts.set(task.taskId, sample + 1)
    samples.push({ taskId: task.taskId, sample })
  }
  if (samples.length === 0) throw new UsageError(`There is nothing to judge in ${options.samples ?? options.dataset}.`)
  const limitMs = options.limits.wallMs ?? (options.samples === undefined ? wallMs : published)
  return {
    formats: [...formats],
    languages: [...languages],
    samples,
    left: [...seen].filter((taskId) => !counts.has(taskId)),
    wallMs: limitMs,
    submissions: () =>
      submissionsOf(options, { wallMs: limitMs, cpuMs: Math.max(limitMs, wallMs), memoryBytes, processes, ...options.limits }),
  }
}

async function* submissionsOf(
  options: PlanOptions,
  limits: NonNullable<SubmitEvaluation['limits']>,
): AsyncGenerator<SubmitEvaluation> {
  const counts = new Map<string, number>()
  for await (const { task, program } of programsOf(options)) {
    const sample = counts.get(task.taskId) ?? 0
    counts.set(task.taskId, sample + 1)
    yield {
      language: task.language,
      code: program,
      limits,
      tests: [{ kind: 'harness', name: task.taskId.slice(0, 200), code: task.harness }],
      metadata: { benchmark: task.format, taskId: task.taskId, sample },
    }
  }
}

async function* tasksOf({ dataset, language, tasksMax = Number.POSITIVE_INFINITY }: PlanOptions): AsyncGenerator<Task> {
  let count = 0
  for await (const row of rowsOf(dataset)) {
    if (count++ >= tasksMax) return
    const task = taskOf(row)
    yield language === undefined ? task : { ...task, language }
  }
}

/** Each task with its own solution, or each sample with its task. Only the tasks are held, never the samples. */
async function* programsOf(options: PlanOptions): AsyncGenerator<{ task: Task; program: string }> {
  if (options.samples === undefined) {
    for await (const task of tasksOf(options)) if (task.solution !== null) yield { task, program: programOf(task, task.solution) }
    return
  }
  const tasks = new Map<string, Task>()
  for await (const task of tasksOf(options)) tasks.set(task.taskId, task)
  for await (const row of rowsOf(options.samples)) {
    const task = tasks.get(taskIdOf(row))
    if (task !== undefined) yield { task, program: programOf(task, completionOf(row)) }
    else if (options.tasksMax === undefined)
      throw new UsageError(`${row.where}: ${options.dataset} has no task ${taskIdOf(row)}.`)
  }
}

/** An empty completion is a sample like any other: the model said nothing. */
const completionOf = (row: Parameters<typeof required>[0]) => (row.row['completion'] === '' ? '' : required(row, 'completion'))
