import type { Attack } from '../attack.ts'

export const networkAttacks: readonly Attack[] = []
