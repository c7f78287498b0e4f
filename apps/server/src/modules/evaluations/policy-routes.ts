/** Reading and changing the policy under which evaluations run. Kept by identity and projects; what is cached of it is here. */
import type { Handlers } from '../../platform/http/index.ts'
import { type Actor, allow, organizationIsolation, setOrganizationIsolation, type Versioned } from '../identity/index.ts'
import { projectIsolation, setProjectIsolation } from '../projects/index.ts'
import type { SubmitDeps } from './submit.ts'

type Own = Pick<
  Handlers<Actor>,
  'getOrganizationIsolation' | 'setOrganizationIsolation' | 'getProjectIsolation' | 'setProjectIsolation'
>

export function policyHandlers({ db, policies }: Pick<SubmitDeps, 'db' | 'policies'>): Own {
  return {
    getOrganizationIsolation: async ({ actor }) => {
      allow(actor, 'org.read')
      return { status: 200, body: shownAlone(await db.tenant(actor.organizationId, organizationIsolation)) }
    },
    setOrganizationIsolation: async ({ actor, body: policy, version, requestId }) => {
      const set = await db.tenant(actor.organizationId, (tx) =>
        setOrganizationIsolation(tx, actor, { policy, version, requestId }),
      )
      policies.forget(actor.organizationId)
      return { status: 200, body: shownAlone(set) }
    },
    getProjectIsolation: async ({ actor, params }) => {
      allow(actor, 'project.read')
      return { status: 200, body: shown(await db.tenant(actor.organizationId, (tx) => projectIsolation(tx, params.project))) }
    },
    setProjectIsolation: async ({ actor, params, body: policy, version, requestId }) => {
      const set = await db.tenant(actor.organizationId, (tx) =>
        setProjectIsolation(tx, actor, params.project, { policy, version, requestId }),
      )
      policies.forget(actor.organizationId)
      return { status: 200, body: shown(set) }
    },
  }
}

const shown = ({ policy, inForce, version }: Awaited<ReturnType<typeof projectIsolation>>) => ({ ...policy, inForce, version })
const shownAlone = ({ policy, version }: Versioned) => ({ ...policy, inForce: policy, version })
