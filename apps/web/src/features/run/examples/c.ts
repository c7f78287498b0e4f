import type { Example } from './example.ts'

export const c: readonly Example[] = [
  {
    title: 'Hello',
    shows: 'One line and exit code 0.',
    code: `#include <stdio.h>

int main(void) {
    puts("Hello from a sandbox that is about to disappear.");
    return 0;
}
`,
  },
  {
    title: 'Reads its input',
    shows: 'The sum of the numbers on stdin.',
    stdin: '3\n4\n35\n',
    code: `#include <stdio.h>

int main(void) {
    long sum = 0, n;
    while (scanf("%ld", &n) == 1) sum += n;
    printf("%ld\\n", sum);
    return 0;
}
`,
  },
  {
    title: 'Segmentation fault',
    shows: 'A runtime error with the signal as the kernel gave it.',
    code: `int main(void) {
    volatile int *nowhere = 0;
    return *nowhere;
}
`,
  },
  {
    title: 'Fork bomb',
    shows: 'Forking is refused at the process limit; nobody else notices.',
    code: `#include <stdio.h>
#include <unistd.h>

int main(void) {
    int children = 0;
    for (;;) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) pause();
        children++;
    }
    printf("refused after %d forks\\n", children);
    return 0;
}
`,
  },
  {
    title: 'Memory bomb',
    shows: 'Stopped by the memory limit.',
    code: `#include <stdlib.h>
#include <string.h>

int main(void) {
    for (;;) memset(malloc(1 << 24), 1, 1 << 24);
}
`,
  },
]
