import {
  type ApiKeyId,
  allows,
  type OrganizationId,
  type Permission,
  type ProjectId,
  type Role,
  type UserId,
} from '@crucible/contracts'
import { refuse } from '../../platform/refusal/index.ts'

/** Who asks, as looked up from their credential at this request; nothing of it comes from the request itself. */
export type Actor = {
  readonly organizationId: OrganizationId
  readonly userId: UserId
  readonly apiKeyId: ApiKeyId
  readonly role: Role
  /** Where a submission goes when the path names no project. */
  readonly defaultProjectId: ProjectId
}

/** Throws `permission_denied` unless the actor's role has it. Called in the verb, so that no door can skip it. */
export function allow(actor: Actor, permission: Permission): void {
  if (!allows(actor.role, permission)) throw refuse('permission_denied', { detail: `It needs the permission ${permission}.` })
}
