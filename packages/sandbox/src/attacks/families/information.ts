import type { Attack } from '../attack.ts'

export const informationAttacks: readonly Attack[] = []
