import type { Attack } from '../attack.ts'

export const outputAttacks: readonly Attack[] = []
