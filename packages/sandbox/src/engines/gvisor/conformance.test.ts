import { holdsConformance } from '../../conformance/of-engine.ts'
import { gvisorEntry } from './entry.ts'

await holdsConformance(gvisorEntry, { uidBase: 1_740_020_000 })
