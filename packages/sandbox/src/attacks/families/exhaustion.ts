import type { Attack } from '../attack.ts'
import { memory } from './exhaustion/memory.ts'
import { processes } from './exhaustion/processes.ts'
import { storage } from './exhaustion/storage.ts'
import { time } from './exhaustion/time.ts'

export const exhaustionAttacks: readonly Attack[] = [...processes, ...memory, ...storage, ...time]
