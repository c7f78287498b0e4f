/** Puts the executor together. It is ready when its engine has tested itself and every runtime has said hello. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import {
  type EngineOptions,
  type EngineReport,
  type ExecutorStatus,
  type FoundEngine,
  makeEngine,
  type Offer,
  offer,
  readLanguages,
  reportEngines,
} from '@crucible/sandbox'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import type { ExecutorConfig } from './config.ts'
import { executorServer } from './http.ts'
import { createJobs } from './jobs.ts'
import { listen } from './listen.ts'
import { readToken } from './token.ts'

const startMs = 60_000
const lastLineMs = 1000

export type Executor = {
  readonly status: () => ExecutorStatus
  /** Settles when no job can be run here any more. */
  readonly broken: Promise<Error>
  /** Refuses new jobs, gives those in hand `graceMs`, and leaves nothing behind. */
  stop(graceMs: number): Promise<void>
}

/** `signal` abandons the start; once it has resolved, `stop` is the way. */
export async function startExecutor(config: ExecutorConfig, log: Logger, signal: AbortSignal): Promise<Executor> {
  const authorized = readToken(config['token-file'])
  mkdirSync(config.state, { recursive: true, mode: 0o700 })
  const engine = await makeEngine(config.engine, optionsOf(config))
  try {
    const [offered, engines] = await Promise.all([
      offer({ engine, randomBytes }, readLanguages(), AbortSignal.any([signal, AbortSignal.timeout(startMs)])),
      reportEngines(optionsOf(config)),
    ])
    const jobs = createJobs({ engine, runtimes: offered.runtimes, log })
    const status = () => statusOf(engine, engines, offered, jobs.busy())
    const server = executorServer({ authorized, jobs, status })
    await listen(server, config)
    return {
      status,
      broken: engine.broken,
      async stop(graceMs) {
        const closed = once(server, 'close')
        server.close()
        // A caller that has stopped reading must not hold us up for longer than its job may.
        const timer = setTimeout(() => server.closeAllConnections(), graceMs + lastLineMs)
        await jobs.drain(graceMs)
        clearTimeout(timer)
        server.closeIdleConnections()
        const late = setTimeout(() => server.closeAllConnections(), lastLineMs)
        await closed
        clearTimeout(late)
        await engine.close()
      },
    }
  } catch (cause) {
    await engine.close()
    throw cause
  }
}

const optionsOf = (config: ExecutorConfig): EngineOptions => ({
  slots: config.slots,
  stateDir: config.state,
  uidBase: config['uid-base'] ?? null,
  allowUnsafe: config['allow-unsafe-engine'],
  settings: config.settings,
})

function statusOf(engine: FoundEngine, engines: EngineReport[], { runtimes, unavailable }: Offer, busy: number): ExecutorStatus {
  return {
    name: hostname(),
    version: packageJson.version,
    engine: engine.name,
    engineVersion: engine.version,
    isolation: engine.isolation,
    mechanisms: { ...engine.mechanisms },
    runtimes: runtimes.map((runtime) => runtime.info),
    unavailable,
    slots: engine.slots,
    busy,
    findings: [...engine.findings],
    cannot: [...engine.cannot],
    engines,
  }
}
