/** What a language is, as data: the shape of every `languages/<name>/language.json`. */
import { z } from 'zod'

/** What the language's own machinery needs on top of the limits that the job names, which are the program's. */
const extra = z.strictObject({ processes: z.int().nonnegative().default(0), memoryBytes: z.int().nonnegative().default(0) })

/** One way to start a process. Words may hold placeholders (`{entry}`); see `expand.ts` for the list. */
const stage = z.strictObject({
  command: z.array(z.string()).min(1),
  /** Host paths shown read-only, as globs over what exists; tools that `command` names are always shown. */
  show: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  extra: extra.default({ processes: 0, memoryBytes: 0 }),
  /**
   * How a loaded interpreter can wait and fork into each run: the first `words` of the command start it, with `folder` (of the
   * language's own) shown at `at` and `env` set. The code there has to honour the descriptors of python/fork.
   */
  fork: z
    .strictObject({ words: z.int().positive(), folder: z.string(), at: z.string(), env: z.record(z.string(), z.string()) })
    .nullable()
    .default(null),
})
export type Stage = z.infer<typeof stage>

const tool = z.strictObject({ name: z.string(), commands: z.array(z.string()).min(1) })
export type Tool = z.infer<typeof tool>

export const language = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9]*$/),
  title: z.string(),
  aliases: z.array(z.string()),
  extension: z.string().startsWith('.'),
  entry: z.string(), // where a single source goes when the caller names no file
  /** Further endings that belong to a compilation, as `{sources}`. */
  sourceExtensions: z.array(z.string().startsWith('.')).default([]),
  debianPackages: z.array(z.string()),
  /** Programs of the host. The first decides: each place where it is found is tried until one passes its hello. */
  tools: z.array(tool).min(1),
  /** Printed by `command`; group 1 of `pattern` is the version in `python@3.11`. */
  version: z.strictObject({ command: z.array(z.string()).min(1), pattern: z.string(), atLeast: z.string().optional() }),
  /** `{optional}` in a command: used when hello passes with them, left out when it only passes without. */
  optionalFlags: z.array(z.string()).default([]),
  /** When group 1 matches in the entry's text, the entry is renamed after it: Java wants `Foo.java` for `class Foo`. */
  entryNamedBy: z.string().optional(),
  compile: stage.nullable(),
  run: stage,
  /** Only for a run that somebody watches, for example to switch buffering off. */
  liveEnv: z.record(z.string(), z.string()).default({}),
  harness: z
    .strictObject({
      /** Files of the language's folder that are put beside the submission, below `{harness}`. */
      files: z.array(z.string()),
      /** Where the hidden code goes when it is compiled; null: it arrives on fd 3 and is never a file. */
      codeFile: z.string().nullable(),
      /** Before the hidden code. In one file with the submission it ends the comment or text that may still be open there. */
      codePrefix: z.string().default(''),
      /** The hidden code follows the submission's entry in `codeFile`, for languages without an include. */
      afterEntry: z.boolean().default(false),
      compile: stage.nullable(),
      run: stage,
    })
    .nullable(),
  hello: z.strictObject({ file: z.string(), stdin: z.string().default(''), stdout: z.string() }),
})
export type Language = z.infer<typeof language> & {
  /** The folder of data, by its URL. */
  readonly folder: URL
}
