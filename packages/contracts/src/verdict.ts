/** What the program earned. Without tests `accepted` means that it exited with 0. */
export const verdicts = [
  'accepted',
  'wrong_answer',
  'partial',
  'compile_error',
  'runtime_error',
  'time_limit',
  'memory_limit',
  'output_limit',
  'security_violation',
] as const
export type Verdict = (typeof verdicts)[number]
