import { type ChildProcess, spawn } from 'node:child_process'
import type { Account } from '../../platform/db/embedded/index.ts'
import type { Running } from './supervise.ts'

export type ChildSpec = {
  readonly command: readonly [string, ...string[]]
  readonly account: Account
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** How long it may take to stop once asked. */
  readonly stopMs: number
  readonly onMessage?: (message: unknown, reply: (message: object) => void) => void
}

/**
 * A child in a process group of its own: Ctrl-C goes to the terminal's group, and the order in which the parts stop is
 * ours to choose. Should this process be killed outright, the kernel asks the child to stop (parent-death signal).
 */
export function startChild(spec: ChildSpec): Running {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...spec.command], {
    ...spec.account,
    env: spec.env,
    cwd: spec.cwd,
    detached: true,
    stdio: spec.onMessage === undefined ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.on('message', (message) => spec.onMessage?.(message, (answer) => child.send(answer, () => {})))
  const ended = endOf(child)
  return {
    ended,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), spec.stopMs)
      await ended
      clearTimeout(timer)
    },
  }
}

const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
