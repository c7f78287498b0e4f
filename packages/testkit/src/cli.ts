import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Product } from './product.ts'

export type Ended = { readonly code: number | null; readonly stdout: Buffer; readonly stderr: string }
export type CliOptions = {
  readonly stdin?: string | Uint8Array
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

const bin = fileURLToPath(new URL('../../../apps/cli/bin/crucible.mjs', import.meta.url))

/** The command line as a user starts it: another process, told of the server by its environment alone. */
export function startCli(product: Pick<Product, 'url' | 'dataDir'>, args: readonly string[], options: CliOptions = {}) {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { PATH: process.env['PATH'], CRUCIBLE_URL: product.url, CRUCIBLE_DATA_DIR: product.dataDir, ...options.env },
    cwd: options.cwd,
    stdio: 'pipe',
  })
  child.stdin.on('error', () => undefined) // a command that does not read its input may end first
  child.stdin.end(options.stdin ?? '')
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const ended = once(child, 'close').then(([code]: (number | null)[]): Ended => {
    return { code: code ?? null, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }
  })
  return { child, ended }
}

export const runCli = (
  product: Pick<Product, 'url' | 'dataDir'>,
  args: readonly string[],
  options: CliOptions = {},
): Promise<Ended> => startCli(product, args, options).ended
