import { readFile } from 'node:fs/promises'
import type { Config } from '../config.ts'
import { workerTimes } from '../modules/evaluations/index.ts'
import { createExecutorClient, type ExecutorEndpoint } from '../platform/executor/index.ts'
import type { Services } from './services.ts'

export type RunningWorker = { stop(): Promise<void> }

/** Works. `stop` takes nothing new, lets what runs finish within the grace period, and hands the rest back. */
export async function startWorker({ evaluations }: Services, settings: Config['settings']): Promise<RunningWorker> {
  const clients = (await endpoints(settings.CRUCIBLE_EXECUTORS)).map(createExecutorClient)
  const leaseMs = settings.CRUCIBLE_LEASE_SECONDS * 1_000
  const worker = await evaluations.startWorker(clients, { ...workerTimes, leaseMs, renewMs: Math.round(leaseMs / 4) })
  return {
    async stop() {
      await worker.stop(AbortSignal.timeout(settings.CRUCIBLE_GRACE_SECONDS * 1_000))
      for (const client of clients) client.close()
    },
  }
}

/** `address=/token/file,…`: the token itself is no setting, for the environment of a process is easily shown. */
async function endpoints(text: string | null): Promise<ExecutorEndpoint[]> {
  if (text === null || text === '') throw new Error('CRUCIBLE_EXECUTORS is not set; a worker needs at least one executor.')
  return Promise.all(
    text.split(',').map(async (pair) => {
      const [address = '', tokenFile = ''] = pair.split('=').map(decoded) // the setting's pattern has both
      const token = (await readFile(tokenFile, 'utf8')).trim()
      if (address.startsWith('/')) return { address: { socketPath: address }, token }
      const colon = address.lastIndexOf(':')
      const port = Number(address.slice(colon + 1))
      if (colon < 1 || !Number.isInteger(port))
        throw new Error(`CRUCIBLE_EXECUTORS names ${address}, which is neither a socket's path nor host:port.`)
      return { address: { host: address.slice(0, colon), port }, token }
    }),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error(`CRUCIBLE_EXECUTORS has a % in ${text} that starts no escape: write %25 for it.`)
  }
}
