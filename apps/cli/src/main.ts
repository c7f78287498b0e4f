import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { readEnvironment } from './config.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { explain } from './explain.ts'
import { Interrupted, isBrokenPipe } from './failures.ts'
import { exitCodeOfCommander, programOf } from './program.ts'
import { line, printJson, sinkOf } from './terminal.ts'

const stop = new AbortController()
const context: Context = {
  environment: readEnvironment(),
  terminal: { stdin: process.stdin, out: sinkOf(process.stdout), err: sinkOf(process.stderr) },
  signal: stop.signal,
  seen: { isJson: false },
}

// The first asks the command to end and to cancel what it started; the second does not wait for that.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => (stop.signal.aborted ? process.exit(exitCodes.interrupted) : stop.abort(new Interrupted())))
}
// Writes report their own failures; without a listener one of them would end the process before it can cancel.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string } // our own file

try {
  await programOf(context, version).parseAsync()
} catch (error) {
  process.exitCode = await ending(error)
}

async function ending(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return exitCodeOfCommander(error)
  if (isBrokenPipe(error)) return 128 + 13 // SIGPIPE, as any program that writes to a closed pipe
  const { exitCode, code, lines } = explain(error, context.seen.settings)
  const { err } = context.terminal
  if (context.seen.isJson) await printJson(err, { error: { code, message: lines.join('\n') } }).catch(() => undefined)
  else
    for (const [index, text] of lines.entries()) await line(err, index === 0 ? `crucible: ${text}` : text).catch(() => undefined)
  return exitCode
}
