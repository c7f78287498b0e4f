import type { Example } from './example.ts'

export const cpp: readonly Example[] = [
  {
    title: 'Hello',
    shows: 'One line and exit code 0.',
    code: `#include <iostream>

int main() {
    std::cout << "Hello from a sandbox that is about to disappear.\\n";
}
`,
  },
  {
    title: 'Reads its input',
    shows: 'The sum of the numbers on stdin.',
    stdin: '3\n4\n35\n',
    code: `#include <iostream>
#include <iterator>
#include <numeric>

int main() {
    std::istream_iterator<long> first(std::cin), last;
    std::cout << std::accumulate(first, last, 0L) << '\\n';
}
`,
  },
  {
    title: 'Infinite loop',
    shows: 'Stopped by the time limit, or by you.',
    code: 'int main() {\n    for (volatile unsigned n = 0;; n = n + 1) {}\n}\n',
  },
  {
    title: 'Does not compile',
    shows: 'A compile error with the compiler’s words.',
    code: 'int main() {\n    return "not a number";\n}\n',
  },
]
