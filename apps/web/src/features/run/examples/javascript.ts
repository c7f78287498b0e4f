import type { Example } from './example.ts'

export const javascript: readonly Example[] = [
  {
    title: 'Hello',
    shows: 'One line and exit code 0.',
    code: "console.log('Hello from a sandbox that is about to disappear.')\n",
  },
  {
    title: 'Both streams, live',
    shows: 'Output arriving line by line, on both streams.',
    code: `import { setTimeout as sleep } from 'node:timers/promises'

for (let step = 1; step <= 8; step++) {
  console.log(\`step \${step} of 8\`)
  if (step % 3 === 0) console.error(\`warning: \${step} is divisible by three\`)
  await sleep(400)
}
`,
  },
  {
    title: 'Reads its input',
    shows: 'The sum of the numbers on stdin.',
    stdin: '3\n4\n35\n',
    code: `const lines = require('node:fs').readFileSync(0, 'utf8').split('\\n')
console.log(lines.filter(Boolean).map(Number).reduce((a, b) => a + b, 0))
`,
  },
  { title: 'Infinite loop', shows: 'Stopped by the time limit, or by you.', code: 'for (let n = 0; ; n++);\n' },
  {
    title: 'Memory bomb',
    shows: 'Stopped by the memory limit.',
    code: `const hoard = []
for (;;) {
  hoard.push(Buffer.alloc(16 * 1024 * 1024, 1))
  console.log(\`\${hoard.length * 16} MiB\`)
}
`,
  },
  {
    title: 'Network attempt',
    shows: 'There is no network to reach.',
    code: `const net = require('node:net')

const socket = net.connect({ host: '192.0.2.1', port: 80 })
socket.on('connect', () => console.log('REACHED'))
socket.on('error', (refused) => console.log(refused.message))
`,
  },
]
