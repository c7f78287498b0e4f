/** The limits of one run: what was asked for, completed by the organization's defaults, within its maxima. */
import { type LimitName, type Limits, limitNames } from '@crucible/contracts'
import { type Fault, refuse } from '../../platform/refusal/index.ts'

export type LimitPolicy = { readonly defaults: Limits; readonly maxima: Limits }

/** Throws `limit_exceeded` naming each maximum that was passed; `pointer` is where the submission stands in the body. */
export function grantLimits(asked: Partial<Record<LimitName, number | undefined>>, policy: LimitPolicy, pointer = ''): Limits {
  const faults: Fault[] = limitNames.flatMap((name) => {
    const value = asked[name]
    const maximum = policy.maxima[name]
    return value !== undefined && value > maximum
      ? [{ pointer: `${pointer}/limits/${name}`, detail: `is ${value}; the maximum is ${maximum}` }]
      : []
  })
  if (faults.length > 0)
    throw refuse('limit_exceeded', { detail: faults.map((f) => `${f.pointer} ${f.detail}`).join('; '), errors: faults })
  const granted = { ...policy.defaults }
  for (const name of limitNames) granted[name] = Math.min(asked[name] ?? policy.defaults[name], policy.maxima[name])
  return granted
}
