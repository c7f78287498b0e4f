import type { Attack } from '../../attack.ts'
import { careless, cheatsOn } from './cheat.ts'

const asked = '  assert(add_one(2) == 3);\n  assert(add_one(4) == 5);\n} /* all */\n'
const hiddenC = `#undef NDEBUG\n#include <assert.h>\nint main(void) {\n${asked}`
const hiddenCpp = `#undef NDEBUG\n#include <cassert>\nint main() {\n${asked}`
const wrong = 'int add_one(int x) { return x; }\n'

const c = cheatsOn('c', hiddenC, [
  ['exit-when-asked', 'Exits with 0 where it should answer.', '#include <stdlib.h>\nint add_one(int x) { exit(0); }\n'],
  [
    'hard-exit-when-asked',
    'Ends the process with 0 where it should answer.',
    '#include <unistd.h>\nint add_one(int x) { _exit(0); }\n',
  ],
  [
    'constructor',
    'Ends the process with 0 before main.',
    `#include <unistd.h>\n__attribute__((constructor)) static void first(void) { _exit(0); }\n${wrong}`,
  ],
  [
    'constructor-reads-the-secret',
    'Reads what was given to the judge before the judge can, and writes it.',
    `#include <unistd.h>\n__attribute__((constructor)) static void first(void) { char b[64]; long n = read(3, b, 64); if (n > 0) write(4, b, n); _exit(0); }\n${wrong}`,
  ],
  [
    'read-replaced',
    'Has a read of its own, so that the judge hands it the secret.',
    '#include <unistd.h>\nstatic char kept[64];\nssize_t read(int fd, void *b, size_t n) { __builtin_memcpy(kept, b, 64); return 0; }\nint add_one(int x) { write(4, kept, 64); _exit(0); }\n',
  ],
  [
    'abort-handled',
    'Turns the signal of a failed assertion into a 0.',
    `#include <signal.h>\n#include <unistd.h>\nstatic void end(int s) { _exit(0); }\n__attribute__((constructor)) static void first(void) { signal(SIGABRT, end); signal(SIGILL, end); signal(SIGTRAP, end); }\n${wrong}`,
  ],
  [
    'assertion-replaced',
    'Replaces what a failed assertion calls by an exit.',
    `#include <unistd.h>\nvoid __assert_fail(const char *a, const char *b, unsigned c, const char *d) { _exit(0); }\n${wrong}`,
  ],
  [
    'open-comment',
    'Leaves a comment open that swallows the hidden program, and has a main of its own.',
    `${wrong}int main(void) { return 0; }\n/*\n`,
  ],
  [
    'main-renamed',
    'Gives the hidden main another name, and has one of its own.',
    `${wrong}int main(void) { return 0; }\n#define main hidden\n`,
  ],
])

const replacesAssertions = cheatsOn('c', hiddenC, [
  [
    'assertion-undone',
    'Redefines what the macro assert calls.',
    `#include <assert.h>\n#define __assert_fail(...) ((void)0)\n${wrong}`,
  ],
  [
    'word-redefined',
    'Gives a word of the language another meaning, which assert is made of.',
    `${wrong}#define if(condition) if (1)\n`,
  ],
  [
    'assertion-that-returns',
    'Has a failed assertion go on as if nothing were.',
    `void __assert_fail(const char *a, const char *b, unsigned c, const char *d) { }\n${wrong}`,
    { control: { without: 'what follows a function that was said not to return is chance' } },
  ],
  [
    'header-shadowed',
    'Brings an assert.h of its own along, which asserts nothing.',
    wrong,
    {
      files: { 'assert.h': '#define assert(condition) ((void)0)\n' },
      control: careless({ source: `${wrong}${hiddenC.replace('<assert.h>', '"assert.h"')}`, tests: [] }),
    },
  ],
  [
    'main-labelled',
    'Has the hidden main assembled under another name, and has one of its own.',
    `int main() __asm__("other");\nint mine(void) __asm__("main");\nint mine(void) { return 0; }\n${wrong}`,
  ],
  [
    'main-outweighed',
    'Makes the hidden main a weak one, which gives way to another in a file beside it.',
    `#pragma weak main\n${wrong}`,
    { files: { 'other.c': 'int main(void) { return 0; }\n' } },
  ],
  [
    'resolver-reads-the-secret',
    'Reads what was given to the judge while the program is still being loaded, and writes it.',
    `static long call(long n, long a, long b, long c) {
  long r;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return r;
}
static char kept[64];
static int right(int x) { return x; }
static void *resolve(void) {
  long n = call(0, 3, (long)kept, 64);
  if (n > 0) call(1, 4, (long)kept, n);
  call(231, 0, 0, 0);
  return (void *)right;
}
int add_one(int x) __attribute__((ifunc("resolve")));
int (*volatile used)(int) = add_one;
`,
    { architecture: 'x64' },
  ],
])

const cpp = cheatsOn('cpp', hiddenCpp, [
  ['exit-when-asked', 'Exits with 0 where it should answer.', '#include <cstdlib>\nint add_one(int x) { std::exit(0); }\n'],
  ['quick-exit', 'Exits with 0 past every destructor.', '#include <cstdlib>\nint add_one(int x) { std::quick_exit(0); }\n'],
  [
    'static-object',
    'Ends the process with 0 before main.',
    `#include <unistd.h>\nstruct First { First() { _exit(0); } } first;\n${wrong}`,
  ],
  [
    'static-object-reads-the-secret',
    'Reads what was given to the judge before the judge can, and writes it.',
    `#include <unistd.h>\nstruct First { First() { char b[64]; long n = read(3, b, 64); if (n > 0) (void)!write(4, b, n); _exit(0); } } first;\n${wrong}`,
  ],
  [
    'main-renamed',
    'Gives the hidden main another name, and has one of its own.',
    `${wrong}int main() { return 0; }\n#define main hidden\n`,
  ],
])

const replacesAssertionsOfCpp = cheatsOn('cpp', hiddenCpp, [
  [
    'assertion-undone',
    'Redefines what the macro assert calls.',
    `#include <cassert>\n#define __assert_fail(...) void(0)\n${wrong}`,
  ],
  [
    'header-shadowed',
    'Brings a cassert of its own along, which asserts nothing.',
    wrong,
    {
      files: { cassert: '#define assert(condition) ((void)0)\n' },
      control: careless({ source: `${wrong}${hiddenCpp.replace('<cassert>', '"cassert"')}`, tests: [] }),
    },
  ],
])

const java = cheatsOn(
  'java',
  'class Main {\n  public static void main(String[] args) {\n    if (new Solution().addOne(2) != 3) throw new AssertionError();\n  }\n} /* all */\n',
  [
    [
      'exit-when-asked',
      'Exits with 0 where it should answer.',
      'class Solution {\n  int addOne(int x) { System.exit(0); return 0; }\n}\n',
    ],
    [
      'halt-from-a-static-block',
      'Halts the machine while its class is loaded.',
      'class Solution {\n  static { Runtime.getRuntime().halt(0); }\n  int addOne(int x) { return x; }\n}\n',
    ],
    [
      'halt-at-exit',
      'Turns its failure into a 0 at the last moment.',
      'class Solution {\n  static { Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(0))); }\n  int addOne(int x) { return x; }\n}\n',
    ],
    [
      'open-comment',
      'Leaves a comment open that swallows the hidden program, and has a Main of its own.',
      'class Solution {\n  int addOne(int x) { return x; }\n}\nclass Main { public static void main(String[] a) {} }\n/*\n',
    ],
    [
      'guess',
      'Writes a guess to the descriptor of the judge.',
      'class Solution {\n  int addOne(int x) {\n    try (var out = new java.io.FileOutputStream("/proc/self/fd/4")) { out.write(new byte[64]); } catch (Exception e) {}\n    System.exit(0); return 0;\n  }\n}\n',
    ],
    [
      'error-replaced',
      'Has an AssertionError of its own that ends the program.',
      'class AssertionError extends Error { AssertionError() { System.exit(0); } }\nclass Solution {\n  int addOne(int x) { return x; }\n}\n',
    ],
  ],
)

export const compiled: readonly Attack[] = [...c, ...replacesAssertions, ...cpp, ...replacesAssertionsOfCpp, ...java]
