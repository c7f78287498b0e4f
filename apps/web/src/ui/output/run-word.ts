/** A run's name as people count: the stream says `compile`, `run` or `test:0`. */
export function runWord(run: string): string {
  const test = /^test:(\d+)$/.exec(run)?.[1]
  if (test !== undefined) return `Test ${Number(test) + 1}`
  return run === 'compile' ? 'Compile' : run === 'run' ? 'Run' : 'Another run'
}
