import { defineConfig } from 'vitest/config'
import everyRun from '../../vitest.config.ts'

/** What takes too long for every run. One file at a time: the machine belongs to the benchmark. */
export default defineConfig({
  ...everyRun,
  test: {
    ...everyRun.test,
    include: ['tests/acceptance/*.test.ts', 'packages/**/*.acceptance.test.ts'],
    exclude: ['**/node_modules/**'],
    fileParallelism: false,
  },
})
