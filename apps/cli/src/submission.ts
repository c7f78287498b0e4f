import { type Isolation, isolations, type SubmitEvaluation } from '@crucible/contracts'
import type { Client } from '@crucible/sdk'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Context } from './context.ts'
import { languageOf, sourceFileOf, stdinOf } from './source.ts'
import { parseCount, parseDuration, parseSize } from './units.ts'

type Limits = NonNullable<SubmitEvaluation['limits']>
export type LimitFlags = { time?: number; cpu?: number; memory?: number; processes?: number; output?: number; disk?: number }
export type SubmissionFlags = LimitFlags & {
  language?: string
  stdin?: string
  file?: string[]
  env?: Record<string, string>
  priority?: 'low' | 'normal' | 'high'
  isolation?: Isolation
}

export const withLimits = (command: Command): Command =>
  command
    .addOption(new Option('--time <duration>', 'wall-clock time, such as 5s').argParser(parseDuration))
    .addOption(new Option('--cpu <duration>', 'CPU time of all processes together, such as 5s').argParser(parseDuration))
    .addOption(new Option('--memory <size>', 'memory of all processes together, such as 256MiB').argParser(parseSize))
    .addOption(new Option('--processes <n>', 'processes and threads at any moment').argParser(parseCount))
    .addOption(new Option('--output <size>', 'both output streams together, such as 1MiB').argParser(parseSize))
    .addOption(new Option('--disk <size>', 'the work directory, such as 64MiB').argParser(parseSize))

export const withSubmission = (command: Command): Command =>
  withLimits(
    command
      .option('-l, --language <name>', 'such as python or python@3.11 (default: by the file’s extension)')
      .option('--stdin <file>', 'what the program reads; - passes on our own input')
      .option('--file <file>', 'one more file beside the program (repeatable)', (file: string, files: string[] = []) => [
        ...files,
        file,
      ])
      .addOption(new Option('--env <NAME=value>', 'a variable of the program’s environment (repeatable)').argParser(parseEnv))
      .addOption(new Option('--priority <priority>', 'in the queue').choices(['low', 'normal', 'high']))
      .addOption(new Option('--isolation <level>', 'at least; never less than the policy of the project').choices(isolations)),
  )

export async function submissionOf(
  context: Context,
  client: Client,
  file: string,
  args: string[],
  flags: SubmissionFlags,
): Promise<SubmitEvaluation> {
  // Read before anything is asked of the server: a slip in a name should not need one to be found.
  const files = await Promise.all([file, ...(flags.file ?? [])].map(sourceFileOf))
  const stdin = await stdinOf(flags.stdin, context.terminal)
  const language = flags.language ?? (await languageOf(client, file, context.signal))
  return {
    language,
    files,
    ...(files[0] === undefined ? {} : { entry: files[0].path }),
    stdin,
    args,
    env: flags.env ?? {},
    limits: limitsOf(flags),
    ...(flags.priority === undefined ? {} : { priority: flags.priority }),
    ...(flags.isolation === undefined ? {} : { isolation: flags.isolation }),
  }
}

/** Only what was asked for: the rest is the organization's default. */
export function limitsOf(flags: LimitFlags): Limits {
  const { time, cpu, memory, processes, output, disk } = flags
  const asked = { wallMs: time, cpuMs: cpu, memoryBytes: memory, processes, outputBytes: output, diskBytes: disk }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
}

function parseEnv(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Give NAME=value.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
