import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { Account } from '../../platform/db/embedded/index.ts'
import { writeAdminKey } from './admin-key.ts'
import { startChild } from './child.ts'
import { asFromServer } from './messages.ts'
import { type Running, untilReady } from './supervise.ts'

type ServerSpec = {
  readonly config: Config
  readonly checkout: string
  readonly dataDir: string
  readonly account: Account
  readonly ownerUrl: string
  readonly executors: string
  readonly onReady: (url: string) => void
}

/** The server, as the account and with the settings that were given. Resolves when it listens and an executor has reported. */
export async function startServer(spec: ServerSpec, stopping: AbortSignal): Promise<Running> {
  const { config, checkout, dataDir, account, ownerUrl, executors, onReady } = spec
  const ready = Promise.withResolvers<void>()
  const server = startChild({
    command: [process.execPath, '--disable-warning=ExperimentalWarning', join(checkout, 'apps/server/src/main.ts'), 'serve'],
    account,
    env: {
      ...config.given,
      DATABASE_URL: ownerUrl,
      CRUCIBLE_DATA_DIR: dataDir,
      CRUCIBLE_EXECUTORS: executors,
      // What was compiled is kept: loading the server then costs half the processor time (0.35 s instead of 0.6 s).
      NODE_COMPILE_CACHE: join(dataDir, 'compile-cache'),
      PATH: '/usr/bin:/bin',
    },
    cwd: checkout,
    stopMs: (config.settings.CRUCIBLE_GRACE_SECONDS + 15) * 1_000,
    onMessage(raw, reply) {
      const message = asFromServer(raw)
      if (message.type === 'admin-key') {
        // A rejection ends this process, and with it the server before it commits a key that nobody has.
        void writeAdminKey(dataDir, message.key).then(() => reply({ type: 'admin-key-written' }))
        return
      }
      onReady(message.url)
      ready.resolve()
    },
  })
  return untilReady('The server', server, ready.promise, stopping)
}
