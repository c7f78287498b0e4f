import { join } from 'node:path'
import { describe } from 'vitest'
import { leavesNothing } from '../../conformance/leaves-nothing.ts'
import { availableHere } from '../../conformance/of-engine.ts'
import { gvisorEntry } from './entry.ts'

const source = { file: join(import.meta.dirname, 'entry.ts'), exported: 'gvisorEntry' }
const given = { uidBase: 1_740_022_000, uids: 1000 }

describe.runIf(await availableHere(gvisorEntry, given))('gvisor', () => leavesNothing(gvisorEntry, source, given))
