import type { IsolationInForce, OrganizationId, ProjectId } from '@crucible/contracts'
import { type Db, inOrder } from '../../platform/db/index.ts'
import { organizationLimits } from '../identity/index.ts'
import { projectIsolation } from '../projects/index.ts'
import type { LimitPolicy } from './limits.ts'

export type Policy = { readonly limits: LimitPolicy; readonly isolation: IsolationInForce }
export type Policies = {
  /** What runs of a project may use and how they must be isolated. Throws `project_not_found`. */
  of(organizationId: OrganizationId, projectId: ProjectId): Promise<Policy>
  /** A policy of this organization was changed here: it is in force for the next submission. */
  forget(organizationId: OrganizationId): void
}

type Kept = { readonly organizationId: OrganizationId; readonly readAtMs: number; readonly policy: Promise<Policy> }

const staleMs = 2_000
const keptMax = 1_000

/** Read again after two seconds: what was changed by another process is in force by then. */
export function createPolicies(db: Pick<Db, 'tenant'>, nowMs: () => number = () => performance.now()): Policies {
  const kept = new Map<string, Kept>()
  return {
    of(organizationId, projectId) {
      const key = `${organizationId} ${projectId}`
      const known = kept.get(key)
      if (known !== undefined && nowMs() - known.readAtMs <= staleMs) return known.policy
      const policy = db.tenant(organizationId, async (tx) => {
        const [limits, { inForce }] = await inOrder([organizationLimits(tx), projectIsolation(tx, projectId)])
        return { limits, isolation: inForce }
      })
      kept.delete(key) // set anew it becomes the youngest
      kept.set(key, { organizationId, readAtMs: nowMs(), policy })
      policy.catch(() => kept.delete(key))
      const [oldest] = kept.keys()
      if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
      return policy
    },
    forget(organizationId) {
      for (const [key, each] of kept) if (each.organizationId === organizationId) kept.delete(key)
    },
  }
}
