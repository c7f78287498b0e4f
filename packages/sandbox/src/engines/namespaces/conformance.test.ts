import { holdsConformance } from '../../conformance/of-engine.ts'
import { namespacesEntry } from './entry.ts'

await holdsConformance(namespacesEntry, { uidBase: 1_740_001_000 })
