import { describe } from 'vitest'
import { holdsConformance } from '../../conformance/of-engine.ts'
import { ociEntry } from './entry.ts'

for (const [index, runtime] of ['crun', 'runc'].entries()) {
  describe(runtime, async () => {
    await holdsConformance(ociEntry, { uidBase: 1_740_010_000 + index * 1000, settings: { 'oci-runtime': runtime } })
  })
}
