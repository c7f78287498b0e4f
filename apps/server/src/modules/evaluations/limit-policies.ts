import type { OrganizationId } from '@crucible/contracts'
import type { Db } from '../../platform/db/index.ts'
import { organizationLimits } from '../identity/index.ts'
import type { LimitPolicy } from './limits.ts'

export type LimitPolicies = (organizationId: OrganizationId) => Promise<LimitPolicy>

const staleMs = 2_000
const keptMax = 1_000

/** What runs may use, by organization. Read again after two seconds; a changed maximum is in force by then. */
export function createLimitPolicies(db: Pick<Db, 'tenant'>, nowMs: () => number = () => performance.now()): LimitPolicies {
  const kept = new Map<OrganizationId, { readonly readAtMs: number; readonly policy: Promise<LimitPolicy> }>()
  return (organizationId) => {
    const known = kept.get(organizationId)
    if (known !== undefined && nowMs() - known.readAtMs <= staleMs) return known.policy
    const policy = db.tenant(organizationId, organizationLimits)
    kept.delete(organizationId) // set anew it becomes the youngest
    kept.set(organizationId, { readAtMs: nowMs(), policy })
    policy.catch(() => kept.delete(organizationId))
    const [oldest] = kept.keys()
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
    return policy
  }
}
