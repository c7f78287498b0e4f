import { join } from 'node:path'
import { describe } from 'vitest'
import { leavesNothing } from '../../conformance/leaves-nothing.ts'
import { availableHere } from '../../conformance/of-engine.ts'
import { ociEntry } from './entry.ts'

const source = { file: join(import.meta.dirname, 'entry.ts'), exported: 'ociEntry' }

for (const [index, runtime] of ['crun', 'runc'].entries()) {
  const given = { uidBase: 1_740_012_000 + index * 1000, uids: 1000, settings: { 'oci-runtime': runtime } }
  describe.runIf(await availableHere(ociEntry, given))(runtime, () => leavesNothing(ociEntry, source, given))
}
