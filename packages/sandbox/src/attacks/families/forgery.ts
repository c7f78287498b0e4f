import type { Attack } from '../attack.ts'
import { answers } from './forgery/answers.ts'
import { betweenTests } from './forgery/between-tests.ts'
import { compiled } from './forgery/compiled.ts'
import { javascript } from './forgery/javascript.ts'
import { python } from './forgery/python.ts'
import { reports } from './forgery/reports.ts'
import { shell } from './forgery/shell.ts'

export const forgeryAttacks: readonly Attack[] = [
  ...answers,
  ...betweenTests,
  ...reports,
  ...python,
  ...javascript,
  ...shell,
  ...compiled,
]
