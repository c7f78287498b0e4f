import type { Attack } from '../attack.ts'
import { compiled } from './forgery/compiled.ts'
import { javascript } from './forgery/javascript.ts'
import { python } from './forgery/python.ts'
import { shell } from './forgery/shell.ts'

export const forgeryAttacks: readonly Attack[] = [...python, ...javascript, ...shell, ...compiled]
