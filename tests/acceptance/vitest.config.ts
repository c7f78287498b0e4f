import { mergeConfig } from 'vitest/config'
import everyRun from '../../vitest.config.ts'

const { exclude: _, ...test } = everyRun.test ?? {}

/** What takes too long for every run. One file at a time: the machine belongs to the benchmark. */
export default mergeConfig({ ...everyRun, test }, { test: { include: ['tests/acceptance/*.test.ts'], fileParallelism: false } })
