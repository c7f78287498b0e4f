/** A run that was forked holds what one that was started holds: every case again, each waiting for its server. */
import { holdsConformance } from '../../../conformance/of-engine.ts'
import { namespacesEntry } from '../entry.ts'

await holdsConformance(namespacesEntry, { uidBase: 1_650_001_000, settings: { 'fork-servers': 'always' } })
