import type { Attack } from '../attack.ts'

export const forgeryAttacks: readonly Attack[] = []
