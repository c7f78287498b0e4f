import type { EngineOptions } from '../../engine.ts'
import { Obstacle } from '../../obstacle.ts'
import type { EngineEntry } from '../entry.ts'
import { type ForkServers, forkServers } from './fork/forks.ts'
import { detectIdentity, namespacesEngine, requireLinux } from './index.ts'
import { findPrograms } from './programs.ts'

export const namespacesEntry: EngineEntry & { readonly name: 'namespaces' } = {
  name: 'namespaces',
  isolation: 'kernel-shared',
  summary: 'Linux namespaces by bubblewrap, cgroups and a system call filter. The default; it needs no root.',
  settings: {
    'fork-servers': 'When loaded interpreters wait and fork into runs: on-demand (the default), never, or always.',
  },
  async check(options) {
    requireLinux()
    findPrograms()
    detectIdentity(options)
    readForkServers(options)
  },
  make: (options) => namespacesEngine({ ...options, forkServers: readForkServers(options) }),
}

function readForkServers({ settings }: EngineOptions): ForkServers {
  const given = settings['fork-servers'] ?? 'on-demand'
  const known = forkServers.find((other) => other === given)
  if (known) return known
  throw new Obstacle(`--fork-servers ${given} is none of ${forkServers.join(', ')}.`, 'Give one of these.')
}
