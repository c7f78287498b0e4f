/** Each run takes most of a second in a container with a kernel of its own: `npm run acceptance` asks it, not every test run. */
import { afterAll } from 'vitest'
import { holdsConformance } from '../../conformance/of-engine.ts'
import { dockerEntry } from './entry.ts'
import { startDaemon, testImage } from './trial/daemon.ts'

const daemon = await startDaemon({ required: process.env['CI'] !== undefined, runsc: true })
afterAll(() => daemon?.stop())

if (daemon) {
  const settings = { 'docker-host': daemon.proxy.host, 'docker-image': testImage, 'docker-runtime': 'runsc' }
  await holdsConformance({ ...dockerEntry, isolation: 'kernel-private' }, { uidBase: 1_760_001_000, settings })
}
