import type { Engine } from '../engine.ts'
import { limitNames } from '../spec.ts'
import { JobFault } from './fault.ts'

/**
 * Refuses when a limit would be a mere wish. Every job names every limit. An engine without isolation had to be
 * asked for by name as unsafe and says so in each result: it is the one exception.
 */
export function requireEnforced(engine: Engine): void {
  if (engine.isolation === 'none') return
  const wishes = limitNames.filter((name) => engine.mechanisms[name] === 'none')
  if (wishes.length > 0)
    throw new JobFault('cannot_enforce', `${engine.name} cannot enforce ${wishes.join(', ')} on this machine`)
}
