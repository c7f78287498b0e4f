/** The attack is a process of its own: it holds what an executor holds, and this command line nothing of it. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { AttackEvent } from './events.ts'

const program = fileURLToPath(new URL('../../../executor/src/attack/main.ts', import.meta.url))
// Far above those that Node closes for its children by itself: as a parent leaves one open by mistake.
const leakedDescriptor = 251
const keptBytes = 4096

/** Yields what it says. Ends it, and waits until it has cleaned up, when the reader leaves or `signal` aborts. */
export async function* startAttack(flags: readonly string[], signal: AbortSignal): AsyncGenerator<AttackEvent> {
  const secret = randomBytes(16).toString('hex')
  const leaked = openUnlinked(secret)
  const nothing = Array.from({ length: leakedDescriptor - 3 }, () => 'ignore' as const)
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, '--runner-secret', secret, ...flags], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe', ...nothing, leaked],
  })
  closeSync(leaked)
  const exited = once(child, 'exit')
  const stop = () => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-keptBytes)
  })
  let last: AttackEvent['type'] | null = null
  try {
    if (child.stdout === null) throw new Error('it was started with a pipe')
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line) as AttackEvent // see events.ts
      last = event.type
      if (!signal.aborted) yield event
    }
    const [code, killedBy] = await exited
    signal.throwIfAborted()
    if (last !== 'finished' && last !== 'failed')
      yield {
        type: 'failed',
        isUsage: false,
        reason: `The attack ended early (${killedBy ?? code}). ${said.trim()}`,
        remedy: null,
      }
  } finally {
    signal.removeEventListener('abort', stop)
    if (child.exitCode === null && child.signalCode === null) {
      stop()
      await exited
    }
  }
}

/** Nobody finds it by a name: only who inherits the descriptor reads it. */
function openUnlinked(text: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'crucible-secret-'))
  const path = join(folder, 'secret')
  writeFileSync(path, text)
  const descriptor = openSync(path, 'r')
  rmSync(folder, { recursive: true })
  return descriptor
}
