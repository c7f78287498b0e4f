import type { Attack } from '../attack.ts'

export const exhaustionAttacks: readonly Attack[] = []
