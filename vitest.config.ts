import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{apps,packages,bench,examples,tools,tests}/**/*.test.ts'],
    // The whole benchmarks take minutes and have their own command; HumanEval is part of every test run.
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      'tests/acceptance/!(humaneval).test.ts',
      '**/*.acceptance.test.ts',
      'tests/load/**',
    ],
    globalSetup: ['packages/testkit/src/global-setup.ts'], // one PostgreSQL, and a migrated template that each file copies
    pool: 'forks', // a test that starts processes or changes its environment must not share one with another file
    maxWorkers: 2, // each file may itself start a server, a database and sandboxes
    // Bounds against a hang, not measurements: a busy machine of two cores may take this long.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    // In CI what apt would bring may not be missing: then a test that cannot be made fails instead of being left out.
    provide: { isEverythingRequired: process.env['CI'] !== undefined },
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'reports/tests.json' }]] : ['default'],
  },
})
