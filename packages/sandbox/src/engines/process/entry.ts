import type { EngineEntry } from '../entry.ts'
import { findPrograms, processEngine, requireAllowed } from './index.ts'

export const processEntry: EngineEntry & { readonly name: 'process' } = {
  name: 'process',
  isolation: 'none',
  summary: 'A plain child process: no isolation at all. For comparison, and for trusted code.',
  settings: {},
  async check(options) {
    requireAllowed(options)
    findPrograms()
  },
  make: processEngine,
}
