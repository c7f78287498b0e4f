import type { EngineEntry } from '../entry.ts'
import { detectIdentity, namespacesEngine, requireLinux } from './index.ts'
import { findPrograms } from './programs.ts'

export const namespacesEntry: EngineEntry & { readonly name: 'namespaces' } = {
  name: 'namespaces',
  isolation: 'kernel-shared',
  summary: 'Linux namespaces by bubblewrap, cgroups and a system call filter. The default; it needs no root.',
  settings: {},
  async check(options) {
    requireLinux()
    findPrograms()
    detectIdentity(options)
  },
  make: namespacesEngine,
}
