/** The programs that are measured: one-liners, so that what is measured is the start and not the program. */
export const programs = {
  python: { language: 'python', path: '/usr/bin/python3', args: ['-c', 'print(1)'], code: 'print(1)\n' },
  bash: { language: 'bash', path: '/usr/bin/bash', args: ['-c', 'echo 1'], code: 'echo 1\n' },
  node: { language: 'javascript', path: process.execPath, args: ['-e', 'console.log(1)'], code: 'console.log(1)\n' },
} as const
export type Program = (typeof programs)[keyof typeof programs]
export const expected = '1\n'
