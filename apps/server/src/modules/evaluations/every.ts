import type { Log } from '../../platform/telemetry/index.ts'

/** Does `work` again and again, never twice at once. A fault is logged and the next turn comes. */
export function every(ms: number, name: string, work: () => Promise<unknown>, log: Log) {
  let timer: NodeJS.Timeout | null = null
  let turn: Promise<void> = Promise.resolve()
  let isStopped = false
  const take = () => {
    timer = null
    turn = work()
      .then(
        () => {},
        (error: unknown) => log.warn({ error, work: name }, 'a turn failed'),
      )
      .finally(() => {
        if (!isStopped) timer = setTimeout(take, ms)
      })
  }
  timer = setTimeout(take, ms)
  return {
    /** Resolves when no turn is under way and none will come. */
    async stop() {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
      await turn
      if (timer !== null) clearTimeout(timer)
    },
  }
}
