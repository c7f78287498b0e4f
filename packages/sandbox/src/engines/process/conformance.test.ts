import { holdsConformance } from '../../conformance/of-engine.ts'
import { processEntry } from './entry.ts'

await holdsConformance(processEntry, { uidBase: 1_740_000_000 })
