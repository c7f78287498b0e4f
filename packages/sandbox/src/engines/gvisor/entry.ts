import { spawnSync } from 'node:child_process'
import { bundleEngine, requireRoot } from '../../bundle/engine.ts'
import { Obstacle } from '../../obstacle.ts'
import { findProgram } from '../../supervision/find-program.ts'
import type { EngineEntry } from '../entry.ts'
import { gvisorRuntime, ownScripts, type Platform, platforms } from './runtime.ts'

export const gvisorEntry: EngineEntry & { readonly name: 'gvisor' } = {
  name: 'gvisor',
  isolation: 'kernel-private',
  summary:
    'A kernel of its own for every run, in user space, by runsc without Docker: the level for adversarial code. Needs root.',
  settings: { 'gvisor-platform': `${platforms.join(' or ')}; without it, the first of them that runsc has.` },
  async check(options) {
    requireRoot('gvisor', options)
    findPlatform(findRunsc(), options.settings['gvisor-platform'])
  },
  async make(options) {
    const { architecture } = requireRoot('gvisor', options)
    const program = findRunsc()
    const platform = findPlatform(program, options.settings['gvisor-platform'])
    return await bundleEngine(options, gvisorRuntime({ program, platform, architecture }), ownScripts)
  },
}

const findRunsc = () => findProgram('runsc', 'runsc')

/** Asked of the program itself: its version number alone would have to be looked up in a table that grows. */
function findPlatform(program: string, wanted: string | undefined): Platform {
  const had = platforms.filter((name) => platformsOf(program).includes(name))
  const found = had.find((name) => wanted === undefined || name === wanted)
  if (found) return found
  throw new Obstacle(
    `runsc has ${had.join(' and ') || 'no platform that we know'}${wanted === undefined ? '' : `, not "${wanted}"`}.`,
    `Install a runsc with ${wanted ?? platforms[0]} (gvisor.dev/docs/user_guide/install), or set --gvisor-platform to another.`,
  )
}

/** The sentence on its platforms; which stream carries it differs between versions. */
function platformsOf(program: string): string {
  const { stdout, stderr } = spawnSync(program, ['flags'], { encoding: 'utf8', env: {}, timeout: 5000 })
  return /-platform string\s+(.*)/.exec(stdout + stderr)?.[1] ?? ''
}
