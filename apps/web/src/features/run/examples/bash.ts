import type { Example } from './example.ts'

export const bash: readonly Example[] = [
  { title: 'Hello', shows: 'One line and exit code 0.', code: 'echo "Hello from a sandbox that is about to disappear."\n' },
  {
    title: 'Both streams, live',
    shows: 'Output arriving line by line, on both streams.',
    code: `for step in 1 2 3 4 5 6; do
  echo "step $step of 6"
  (( step % 3 == 0 )) && echo "warning: $step is divisible by three" >&2
  read -rt 0.4 <> <(:) || :
done
`,
  },
  {
    title: 'Reads its input',
    shows: 'The sum of the numbers on stdin.',
    stdin: '3\n4\n35\n',
    code: 'sum=0\nwhile read -r n; do (( sum += n )); done\necho "$sum"\n',
  },
  { title: 'Infinite loop', shows: 'Stopped by the time limit, or by you.', code: 'while :; do :; done\n' },
  { title: 'Fork bomb', shows: 'Forking is refused at the process limit; nobody else notices.', code: ':(){ :|:& };:\nwait\n' },
  {
    title: 'Output flood',
    shows: 'Stopped by the output limit; the head and the tail are kept.',
    code: 'while :; do echo "all work and no play makes a dull process"; done\n',
  },
]
