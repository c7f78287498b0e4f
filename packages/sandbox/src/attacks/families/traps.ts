import type { Attack } from '../attack.ts'

export const trapsAttacks: readonly Attack[] = []
