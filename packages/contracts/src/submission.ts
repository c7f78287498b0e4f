/** What a caller sends to have a program run. */
import { z } from 'zod'
import { bounds, priorities } from './bounds.ts'
import { isolations } from './isolation.ts'
import { limits } from './limits.ts'
import { byteLength, storableText, wellFormedText } from './text.ts'

/**
 * A path below the work directory: relative, no `.` or `..` or empty segment, no NUL, backslash or control character.
 * (Symbolic links cannot be submitted at all: a file has content and nothing else.)
 */
export const filePath = z
  .string()
  .min(1)
  .refine((path) => byteLength(path) <= bounds.pathBytes, { error: `must be at most ${bounds.pathBytes} bytes` })
  .refine((path) => path.isWellFormed() && !/[\p{Cc}\\]/u.test(path), {
    error: 'must not contain control characters or backslashes',
  })
  .refine((path) => !path.startsWith('/'), { error: 'must be relative' })
  // Compilers would read the first as an option, and the second as a file full of options.
  .refine((path) => !/^[-@]/.test(path), { error: 'must not begin with "-" or "@"' })
  .refine((path) => path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..'), {
    error: 'must not contain empty, "." or ".." segments',
  })
  .refine((path) => path.split('/').every((segment) => !segment.startsWith('.crucible')), {
    error: 'must not use the reserved prefix .crucible',
  })

export const sourceFile = z.strictObject({
  path: filePath,
  content: wellFormedText,
  encoding: z.enum(['utf8', 'base64']).default('utf8'),
})

/** Names that a caller may set; everything else in the environment is the sandbox's, and the same on every machine. */
export const envName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: 'must look like NAME: A-Z, 0-9 and _' })
  .refine((name) => !reservedEnv.test(name), {
    error: 'is set by the sandbox and cannot be changed',
  })
const reservedEnv =
  /^(PATH|HOME|USER|SHELL|TZ|LANG|LC_.*|LD_.*|PYTHON.*|NODE_.*|JAVA_.*|JDK_.*|BASH_.*|ENV|IFS|GCONV_PATH|CRUCIBLE_.*)$/

const argument = storableText(bounds.argBytes)
const testName = storableText(200)

export const stdioTest = z.strictObject({
  kind: z.literal('stdio').default('stdio'),
  name: testName.optional(),
  stdin: wellFormedText.default(''),
  expectedStdout: wellFormedText,
  checker: z.enum(['exact', 'tokens', 'float']).default('exact').meta({
    description: '`exact` forgives trailing blanks; `tokens` compares words; `float` compares numbers within `epsilon`.',
  }),
  epsilon: z.number().positive().max(1).default(1e-6),
  args: z.array(argument).max(bounds.args).default([]),
  weight: z.number().positive().max(1000).default(1),
})
export const harnessTest = z.strictObject({
  kind: z.literal('harness'),
  name: testName.optional(),
  code: wellFormedText.meta({
    description: 'A hidden program, run after the submission in the same scope; it must come to its end.',
  }),
  weight: z.number().positive().max(1000).default(1),
})
export const test = z.union([harnessTest, stdioTest])

export const submitEvaluation = z
  .strictObject({
    language: z
      .string()
      .min(1)
      .max(64)
      .meta({ description: 'A name or `name@version`, as GET /runtimes lists them.', examples: ['python', 'python@3.11'] }),
    code: wellFormedText.optional().meta({ description: 'The one source file; or give `files`.' }),
    files: z.array(sourceFile).min(1).max(bounds.files).optional(),
    entry: filePath
      .optional()
      .meta({ description: "The path of `files` to start with; default the language's entry, else the first file." }),
    stdin: wellFormedText.default(''),
    args: z.array(argument).max(bounds.args).default([]),
    env: z.record(envName, storableText(bounds.envBytes)).default({}),
    limits: limits.partial().default({}),
    isolation: z
      .enum(isolations)
      .optional()
      .meta({ description: 'More isolation than the policy of the organization and project asks for; never less.' }),
    tests: z.array(test).max(bounds.tests).default([]),
    stopAtFirstFailure: z.boolean().default(false),
    priority: z.enum(priorities).default('normal'),
    metadata: z.record(z.string().max(200), z.json()).default({}),
  })
  // Also asked when another field is wrong: each fault is told at once.
  .refine(({ code, files }) => (code === undefined) !== (files === undefined), {
    path: ['code'],
    error: 'give either `code` or `files`',
    when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
  })
  .superRefine((body, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message })
    const paths = new Set<string>()
    for (const [index, file] of (body.files ?? []).entries()) {
      if (paths.has(file.path)) fault(['files', index, 'path'], 'is given twice')
      if ([...paths].some((other) => other.startsWith(`${file.path}/`) || file.path.startsWith(`${other}/`)))
        fault(['files', index, 'path'], 'is both a file and a folder')
      paths.add(file.path)
      if (file.encoding === 'base64' && !isBase64(file.content)) fault(['files', index, 'content'], 'is not base64')
    }
    if (body.entry !== undefined && body.files !== undefined && !paths.has(body.entry))
      fault(['entry'], 'is not the path of a file')
    if (Object.keys(body.env).length > bounds.envNames) fault(['env'], `must have at most ${bounds.envNames} names`)
    if (byteLength(JSON.stringify(body.metadata)) > bounds.metadataBytes)
      fault(['metadata'], `must be at most ${bounds.metadataBytes} bytes of JSON`)
    if (JSON.stringify(body.metadata).includes('\\u0000')) fault(['metadata'], 'must not contain NUL')
    if (byteLength(body.stdin) > bounds.stdinBytes) fault(['stdin'], `must be at most ${bounds.stdinBytes} bytes`)
    const sourceBytes = byteLength(body.code ?? '') + (body.files ?? []).reduce((sum, file) => sum + byteLength(file.content), 0)
    if (sourceBytes > bounds.sourceBytes)
      fault([body.code === undefined ? 'files' : 'code'], `source must be at most ${bounds.sourceBytes} bytes in all`)
  })
export type SubmitEvaluation = z.input<typeof submitEvaluation>
export type Submission = z.output<typeof submitEvaluation>

const base64 = z.base64()
const isBase64 = (text: string) => base64.safeParse(text).success
