import { type Client, createClient } from '@crucible/sdk'
import type { Command } from 'commander'
import type { Environment } from './config.ts'
import { type Settings, settingsOf } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** What a command is given: everything it may touch. */
export type Context = {
  readonly environment: Environment
  readonly terminal: Terminal
  /** Aborted by Ctrl-C, SIGTERM, or a reader of our output that went away. */
  readonly signal: AbortSignal
  /** Set by the command that runs, for the sentence that explains a failure. */
  readonly seen: { settings?: Settings; isJson: boolean }
}

export type ConnectionFlags = { readonly url?: string; readonly keyFile?: string; readonly json?: boolean }

export function connect(context: Context, flags: ConnectionFlags): Client {
  context.seen.isJson = flags.json === true
  const settings = settingsOf(flags, context.environment)
  context.seen.settings = settings
  return createClient({ baseUrl: settings.url, apiKey: settings.apiKey })
}

/** The options that every command takes. */
export const withConnection = (command: Command): Command =>
  command
    .option('--url <url>', 'where the server is (CRUCIBLE_URL; default http://127.0.0.1:3000)')
    .option(
      '--key-file <file>',
      'a file that holds the API key (or CRUCIBLE_API_KEY; default <data>/admin-key for a server on this machine)',
    )
    .option('--json', 'print JSON, for programs; failures too, on standard error')

/** Runs a command's body and leaves its exit code with the process. */
export const ends =
  <A extends unknown[]>(body: (...args: A) => Promise<number>) =>
  async (...args: A): Promise<void> => {
    process.exitCode = await body(...args)
  }
