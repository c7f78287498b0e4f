import type { Attack } from '../attack.ts'

export const privilegeAttacks: readonly Attack[] = []
