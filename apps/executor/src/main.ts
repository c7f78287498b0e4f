/** `node main.ts --socket PATH --token-file PATH --state DIR …`; config.ts has all flags. */
import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import { readConfig } from './config.ts'
import { confine } from './confine.ts'
import { type Executor, startExecutor } from './executor.ts'
import { watchParent } from './watch-parent.ts'

const graceMs = 10_000
const cleanUpMs = 5_000

const log = pino({ name: 'executor', base: null }, pino.destination(2))

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2))
  log.level = config['log-level']
  confine()
  const abandoned = new AbortController()
  const starting = startExecutor(config, log, abandoned.signal)
  let stopping: Promise<void> | null = null
  const stop = (why: string, wait: number) => {
    log.info({ why }, 'stopping')
    abandoned.abort(new Error(why))
    const stopped = starting.then(
      (executor) => executor.stop(wait),
      () => {}, // it never was ready, and has cleaned up
    )
    stopping ??= stopped.then(() => process.exit(0))
    stopping.catch(fail)
  }
  process.on('SIGTERM', () => stop('SIGTERM', graceMs))
  process.on('SIGINT', () => stop('SIGINT', graceMs))
  watchParent(() => stop('the parent process is gone', 0))
  try {
    const executor = await starting
    announce(executor)
    // Every job would be our fault and cost an attempt: whoever keeps us starts another, and the worker finds that one.
    void executor.broken.then(async (fault) => {
      await Promise.race([executor.stop(0), delay(cleanUpMs)]) // empty cgroups; what is left of them the next one sweeps
      fail(fault)
    })
  } catch (cause) {
    if (!abandoned.signal.aborted) throw cause
  }
}

function announce({ status }: Executor): void {
  const { engine, isolation, slots, runtimes, unavailable } = status()
  log.info({ engine, isolation, slots, runtimes: runtimes.map((runtime) => runtime.name), unavailable }, 'ready')
}

function fail(cause: unknown): never {
  log.fatal({ err: cause }, cause instanceof Error ? cause.message : String(cause))
  process.exit(1)
}

main().catch(fail)
