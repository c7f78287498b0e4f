import type { RunSpec } from '../engine.ts'

/** What every program finds, whatever the host's own settings: results must not depend on where they were made. */
export function environmentOf(spec: RunSpec, scratch: string): Record<string, string> {
  const fixed = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: scratch, TZ: 'UTC', LANG: 'C.UTF-8', PYTHONHASHSEED: '0' }
  return { ...fixed, ...spec.env }
}
