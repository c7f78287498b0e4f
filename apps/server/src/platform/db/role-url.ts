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
  return deriveKey(ownerUrl, `crucible role ${loginRoles[role]}`).toString('base64url')
}

/** 32 bytes for one purpose, the same for every process of an installation. */
export function deriveKey(ownerUrl: string, purpose: string): Buffer {
  const secret = decodeURIComponent(new URL(ownerUrl).password)
  if (secret === '') throw new Error('DATABASE_URL has no password; the secrets of this installation derive from it')
  return createHmac('sha256', secret).update(purpose).digest()
}
