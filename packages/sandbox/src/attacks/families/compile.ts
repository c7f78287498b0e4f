import type { Attack, Control } from '../attack.ts'

const mebibyte = 2 ** 20

const outgrown = ['cpu_time', 'wall_time', 'memory', 'output', 'disk'] as const
/** Compilers turn a full disk or a killed part of theirs into an error message and an exit code. */
const refused = [...outgrown, 'exited', 'signalled'] as const
const compileError = { verdict: 'compile_error', reason: refused } as const

const compiles: Control = {
  on: 'process',
  with: { compileLimits: { cpuMs: 12_000, memoryBytes: 1024 * mebibyte } },
  shows: 'the verdict is accepted',
}

/** Compiles in a second or with a few hundred mebibytes, and may have less. */
const outgrows = (id: string, tries: string, language: string, source: string, more: Partial<Attack> = {}): Attack => ({
  id,
  tries,
  language,
  source,
  compileLimits: { cpuMs: 400, wallMs: 8000, memoryBytes: 256 * mebibyte },
  stopped: { verdict: 'compile_error', reason: outgrown },
  control: compiles,
  ...more,
})

/** What is included becomes an error message, or a part of the program, which then prints it. */
const reads = (id: string, tries: string, source: string, shows: string): Attack => ({
  id,
  tries,
  language: 'c',
  source,
  decoys: ['file'],
  stopped: compileError,
  control: { on: 'process', shows },
})

const printsIncluded = (path: string) => `#include <stdio.h>
__asm__(".section .rodata\\nkept: .incbin \\"${path}\\"\\n.byte 0\\n.text");
extern const char kept[];
int main(void) { return puts(kept) < 0; }
`

const doubled = (levels: number) => Array.from({ length: levels }, (_, n) => `#define X${n + 1} X${n} X${n}\n`).join('')

export const compileAttacks: readonly Attack[] = [
  outgrows(
    'macro-bomb',
    'Doubles a macro twenty-one times.',
    'c',
    `#define X0 ;\n${doubled(21)}int main(void) { X21 return 0; }\n`,
  ),
  outgrows(
    'include-bomb',
    'Includes itself twice at every level.',
    'c',
    `#if __INCLUDE_LEVEL__ < 15\n#include __FILE__\n#include __FILE__\n#endif\n#if __INCLUDE_LEVEL__ == 0\nint main(void) { return 0; }\n#endif\n`,
  ),
  outgrows(
    'template-recursion',
    'Has the compiler make 60,000 types.',
    'cpp',
    `template <int depth, long path> struct Tree { Tree<depth - 1, 2 * path> left; Tree<depth - 1, 2 * path + 1> right; };
template <long path> struct Tree<0, path> { char leaf; };
int main() { return sizeof(Tree<15, 1>) == 0; }
`,
  ),
  outgrows(
    'constant-evaluation',
    'Has the compiler run a loop of its own.',
    'cpp',
    'constexpr long spin() { long sum = 0; for (long n = 0; n < 60000; n++) for (int m = 0; m < 20; m++) sum += n ^ m; return sum; }\nconstexpr long kept = spin();\nint main() { return kept == 0; }\n',
  ),
  outgrows(
    'initialized-array',
    'Has the compiler keep a table of half a million expressions.',
    'c',
    `#define X0 __LINE__ + 1,\n${doubled(18)}int kept[] = { X18 X18 };\nint main(void) { return kept[5] == 0; }\n`,
  ),
  outgrows(
    'big-object',
    'Compiles to a program of 96 MiB.',
    'c',
    '__attribute__((used)) char kept[96 << 20] = { 1 };\nint main(void) { return 0; }\n',
    {
      compileLimits: { memoryBytes: 512 * mebibyte, diskBytes: 16 * mebibyte },
      stopped: compileError,
      control: { ...compiles, with: { compileLimits: { memoryBytes: 1024 * mebibyte, diskBytes: 512 * mebibyte } } },
    },
  ),
  outgrows(
    'error-flood',
    'Is wrong in sixteen thousand places.',
    'c',
    `#define X0 y${'\n'}${doubled(4)}#if __INCLUDE_LEVEL__ < 10\n#include __FILE__\n#include __FILE__\n#endif\nint f(void) { return undeclared; }\n#error ${'x'.repeat(200)}\n`,
    {
      compileLimits: { outputBytes: 65_536, cpuMs: 5000, wallMs: 10_000 },
      stopped: { verdict: 'compile_error', reason: ['output'], atMost: { keptBytes: 65_536 } },
      control: { on: 'process', with: { compileLimits: { outputBytes: 8 * mebibyte } }, shows: 'kept output in bytes' },
    },
  ),
  outgrows('java-constant-bomb', 'Doubles a constant string until it is half a gibibyte.', 'java', javaStrings(29), {
    compileLimits: { cpuMs: 4000, memoryBytes: 256 * mebibyte },
    stopped: compileError,
    control: { without: 'the format of its classes holds no constant of that size anywhere' },
  }),
  {
    id: 'endless-source',
    tries: 'Includes a device that never ends.',
    language: 'c',
    source: '#include "/dev/zero"\nint main(void) { return 0; }\n',
    compileLimits: { cpuMs: 1000, wallMs: 3000, memoryBytes: 128 * mebibyte },
    stopped: { verdict: 'compile_error', reason: outgrown },
    control: { without: 'it would end nowhere, but by a limit' },
  },
  {
    id: 'waiting-source',
    tries: 'Includes its standard input and the pipe into which its errors go.',
    language: 'c',
    source: '#include "/dev/stdin"\n#include "/dev/stderr"\nint main(void) { return 0; }\n',
    compileLimits: { wallMs: 2000 },
    stopped: { ...compileError, atMost: { wallMs: 6000 } },
    control: { without: 'it would wait everywhere' },
  },
  reads(
    'include-host-file',
    'Includes a file of the host, so that the compiler quotes it.',
    '#include "@FILE@"\nint main(void) { return 0; }\n',
    'the secret is on stderr',
  ),
  reads(
    'include-by-way-of-the-root',
    'Includes a file of the host by way of /proc and of the parents of its directory.',
    '#include "/proc/self/root@FILE@"\n#include "../../../../../../../..@FILE@"\nint main(void) { return 0; }\n',
    'the secret is on stderr',
  ),
  reads(
    'assemble-host-file',
    'Has the assembler put a file of the host into the program.',
    printsIncluded('@FILE@'),
    'the secret is on stdout',
  ),
  {
    id: 'host-files-found',
    tries: 'Has the compiler tell whether files of the host exist.',
    language: 'c',
    source: `#include <stdio.h>
#if __has_include("@FILE@") || __has_include("/proc/self/root@FILE@") || __has_include("/etc/shadow")
#define SEEN "seen"
#else
#define SEEN "not there"
#endif
int main(void) { return puts(SEEN) < 0; }
`,
    decoys: ['file'],
    stopped: { stdout: 'not there\n' },
    control: { on: 'process', shows: '"seen' },
  },
  {
    id: 'options-from-a-file',
    tries: 'Gives a file the name by which compilers read further options from one.',
    language: 'c',
    source: 'int main(void) { return 0; }\n',
    files: { '@options.c': '', 'options.c': '-wrapper /bin/sh,-c,id\n' },
    stopped: { refusedJob: true },
    control: { without: 'the name is refused before anything runs' },
  },
  {
    id: 'options-from-the-environment',
    tries: 'Sets variables by which compilers take options, programs and places for further output.',
    language: 'c',
    source: '#include <stdio.h>\nint main(void) { return puts("ran") < 0; }\n',
    env: {
      DEPENDENCIES_OUTPUT: '/dev/stdout',
      CPATH: '@DIR@',
      COMPILER_PATH: '@DIR@',
      GCC_EXEC_PREFIX: '@DIR@/',
      TMP: '@DIR@',
      TEMP: '@DIR@',
    },
    decoys: ['file'],
    stopped: { verdict: 'accepted', stdout: 'ran\n' },
    control: { without: 'no engine is told of the variables of a job when it compiles' },
  },
  {
    id: 'annotation-processor',
    tries: 'Brings an annotation processor along, which the compiler would have to run, or at least look for.',
    language: 'java',
    source: 'public class Main { public static void main(String[] a) { System.out.println("ran"); } }\n',
    files: { 'META-INF/services/javax.annotation.processing.Processor': 'Processor\n' },
    stopped: { verdict: 'accepted', stdout: 'ran\n' },
    control: { without: 'on every engine the compiler is told to run none' },
  },
]

function javaStrings(levels: number): string {
  const lines = Array.from({ length: levels }, (_, n) => `  static final String S${n + 1} = S${n} + S${n};\n`)
  return `class Main {\n  static final String S0 = "x";\n${lines.join('')}  public static void main(String[] a) { System.out.println(S${levels}.length()); }\n}\n`
}
