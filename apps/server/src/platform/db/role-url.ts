import { createHmac } from 'node:crypto'

/** `app` serves tenants under row-level security; `maint` crosses them. The owner migrates and nothing else. */
export const loginRoles = { app: 'crucible_app', maint: 'crucible_maint' } as const
export type LoginRole = keyof typeof loginRoles

/**
 * The owner's URL with another login. The passwords derive from the owner's, so that every machine that is given
 * DATABASE_URL can log in without a second secret to hand round; who holds the owner's password owns all rows anyway.
 */
export function roleUrl(ownerUrl: string, role: LoginRole): string {
  const url = new URL(ownerUrl)
  url.username = loginRoles[role]
  url.password = rolePassword(ownerUrl, role)
  return url.href
}

export function rolePassword(ownerUrl: string, role: LoginRole): string {
  const secret = decodeURIComponent(new URL(ownerUrl).password)
  if (secret === '') throw new Error('DATABASE_URL has no password; the passwords of the application roles derive from it')
  return createHmac('sha256', secret).update(`crucible role ${loginRoles[role]}`).digest('base64url')
}
