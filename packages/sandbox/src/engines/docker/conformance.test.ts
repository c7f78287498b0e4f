import { afterAll, test } from 'vitest'
import { holdsConformance } from '../../conformance/of-engine.ts'
import { dockerEntry } from './entry.ts'
import { startDaemon, testImage } from './trial/daemon.ts'

const daemon = await startDaemon({ required: process.env['CI'] !== undefined })
afterAll(() => daemon?.stop())

if (daemon) {
  const settings = { 'docker-host': daemon.proxy.host, 'docker-image': testImage }
  await holdsConformance(dockerEntry, { uidBase: 1_760_000_000, settings })
} else test.skipIf(true)('docker is not available', () => {})
