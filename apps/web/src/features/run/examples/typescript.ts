import type { Example } from './example.ts'

export const typescript: readonly Example[] = [
  {
    title: 'Hello',
    shows: 'One line and exit code 0.',
    code: `type Greeting = { readonly to: string }

const greet = ({ to }: Greeting): string => \`Hello \${to}, from a sandbox that is about to disappear.\`
console.log(greet({ to: 'you' }))
`,
  },
  {
    title: 'Reads its input',
    shows: 'The sum of the numbers on stdin.',
    stdin: '3\n4\n35\n',
    code: `import { readFileSync } from 'node:fs'

const numbers: number[] = readFileSync(0, 'utf8').split('\\n').filter(Boolean).map(Number)
console.log(numbers.reduce((a, b) => a + b, 0))
`,
  },
  { title: 'Infinite loop', shows: 'Stopped by the time limit, or by you.', code: 'let n: number = 0\nwhile (true) n += 1\n' },
]
