/** Identity: organizations, their members and keys, and what each may do. */
export { type Actor, allow } from './actor.ts'
export { authenticate } from './authenticate.ts'
export {
  changesOf,
  isolationOf,
  organizationIsolation,
  setOrganizationIsolation,
  type Versioned,
} from './isolation-policy.ts'
export { issueKey, revokeKey } from './issue-key.ts'
export { createMember, createOrganization, organizationLimits } from './organization.ts'
