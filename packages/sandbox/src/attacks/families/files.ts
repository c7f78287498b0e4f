import type { Attack } from '../attack.ts'

export const filesAttacks: readonly Attack[] = []
