import type { Settings } from '../config.ts'

/** The configuration has refused to start such a role without one; this tells the type checker. */
export function requireDatabaseUrl({ DATABASE_URL }: Settings): string {
  if (DATABASE_URL === null) throw new Error('DATABASE_URL is not set')
  return DATABASE_URL
}
