import type { Attack } from '../attack.ts'

export const compileAttacks: readonly Attack[] = []
