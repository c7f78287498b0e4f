import { permissions, roles } from '../../packages/contracts/src/permissions.ts'
import { routes } from '../../packages/contracts/src/routes.ts'
import { generatedFrom, table } from './table.ts'

/** Who may do what, and which routes ask for it. SUPER_ADMIN operates the platform and has no standing access. */
export function permissionMatrix(): string {
  const asked = (permission: string) =>
    Object.values(routes)
      .filter((route) => route.permission === permission)
      .map(({ method, path }) => `\`${method} ${path}\``)
      .join(', ')
  const rows = Object.entries(permissions).map(([permission, holders]) => [
    `\`${permission}\``,
    ...roles.map((role) => ((holders as readonly string[]).includes(role) ? 'yes' : '-')), // widened: the literal lists differ
    asked(permission) || 'checked inside a route',
  ])
  return `${generatedFrom('packages/contracts/src/permissions.ts and routes.ts')}

# Permissions

A key acts with the role of its owner, looked up at every request. A permission that is not listed for a role is
refused; nothing is granted by default. Paths are below \`/api/v1\`.

${table(['Permission', ...roles, 'Routes'], rows)}
`
}
