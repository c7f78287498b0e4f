import { bundleEngine, requireRoot } from '../../bundle/engine.ts'
import { MissingProgram, Obstacle } from '../../obstacle.ts'
import { findProgram } from '../../supervision/find-program.ts'
import type { EngineEntry } from '../entry.ts'
import { type Found, ociRuntime } from './runtime.ts'

export const ociEntry: EngineEntry & { readonly name: 'oci' } = {
  name: 'oci',
  isolation: 'kernel-shared',
  summary:
    'A container by crun or runc, without a daemon: own host users, namespaces, cgroup and system call filter. Needs root.',
  settings: { 'oci-runtime': 'crun or runc; without it, the first of them that is installed.' },
  async check(options) {
    requireRoot('oci', options)
    find(options.settings['oci-runtime'])
  },
  make: async (options) => await bundleEngine(options, ociRuntime(find(options.settings['oci-runtime'])), []),
}

const known = ['crun', 'runc'] as const // crun starts in a third of the time

function find(wanted: string | undefined): Found {
  const names = wanted === undefined ? known : known.filter((name) => name === wanted)
  if (names.length === 0)
    throw new Obstacle(`"${wanted}" is no runtime that the engine oci knows.`, 'Set --oci-runtime to crun or runc.')
  for (const name of names) {
    try {
      return { name, program: findProgram(name, name) }
    } catch (cause) {
      if (!(cause instanceof MissingProgram)) throw cause
    }
  }
  throw new MissingProgram(`No container runtime is installed: ${names.join(' or ')}.`, `Run "apt-get install ${names[0]}".`)
}
