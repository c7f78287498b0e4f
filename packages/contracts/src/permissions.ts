/**
 * One table gives the check, `x-permission` in OpenAPI, the docs and the tests.
 * A key carries the role of its owner; rights are looked up at every request and never stored in a token.
 */
export const roles = ['SUPER_ADMIN', 'ORG_ADMIN', 'PROJECT_MANAGER', 'MEMBER', 'VIEWER'] as const
export type Role = (typeof roles)[number]

export const permissions = {
  'runtime.read': ['ORG_ADMIN', 'PROJECT_MANAGER', 'MEMBER', 'VIEWER'],
  'org.read': ['ORG_ADMIN', 'PROJECT_MANAGER', 'MEMBER', 'VIEWER'],
  'org.update': ['ORG_ADMIN'],
  'project.read': ['ORG_ADMIN', 'PROJECT_MANAGER', 'MEMBER', 'VIEWER'],
  'project.update': ['ORG_ADMIN', 'PROJECT_MANAGER'],
  'evaluation.create': ['ORG_ADMIN', 'PROJECT_MANAGER', 'MEMBER'],
  'evaluation.read': ['ORG_ADMIN', 'PROJECT_MANAGER', 'MEMBER', 'VIEWER'],
  'evaluation.cancel': ['ORG_ADMIN', 'PROJECT_MANAGER', 'MEMBER'],
  'evaluation.priority.high': ['ORG_ADMIN', 'PROJECT_MANAGER'],
} as const satisfies Record<string, readonly Role[]>
export type Permission = keyof typeof permissions

export const allows = (role: Role, permission: Permission) => (permissions[permission] as readonly Role[]).includes(role)
