/** The last check before anything of a job touches a file system. Whoever sent it should have refused it already. */
import type { Job, SourceFile } from '../spec.ts'
import { JobFault } from './fault.ts'

export type PlacedFile = { readonly path: string; readonly content: Uint8Array }

const pathBytesMax = 512
/** Read by runtimes before the program's first line: they would run the submitter's text ahead of a harness. */
const reservedEnv = /^(LD_|NODE_|PYTHON|JAVA_|JDK_|_JAVA|BASH|ENV$|POSIXLY_CORRECT$|GLIBC_|MALLOC_|GCONV_|CRUCIBLE)/

/** Everything of a job that becomes a file, decoded. Throws `invalid_job`. */
export function placeFiles(job: Job): readonly PlacedFile[] {
  const seen = new Set<string>()
  const files = job.files.map((file) => {
    if (seen.has(file.path)) throw invalid(`file ${JSON.stringify(file.path)} is given twice`)
    seen.add(file.path)
    return { path: checkedPath(file.path), content: decode(file) }
  })
  for (const path of seen) {
    const parents = path.split('/').slice(0, -1)
    parents.forEach((_, index) => {
      const parent = parents.slice(0, index + 1).join('/')
      if (seen.has(parent)) throw invalid(`${JSON.stringify(parent)} is both a file and a directory`)
    })
  }
  if (!seen.has(job.entry)) throw invalid(`entry ${JSON.stringify(job.entry)} is none of the files`)
  return files
}

/** Throws `invalid_job` for what no process could be given unharmed. */
export function checkArguments(job: Job): void {
  for (const [name, value] of Object.entries(job.env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) throw invalid(`${JSON.stringify(name)} is no name of a variable`)
    if (reservedEnv.test(name)) throw invalid(`the variable ${name} belongs to the runtime`)
    checkText(value, `the variable ${name}`)
  }
  for (const word of [...job.args, ...job.tests.flatMap((test) => (test.kind === 'stdio' ? test.args : []))]) {
    checkText(word, 'an argument')
  }
  for (const text of [job.stdin, ...job.tests.flatMap((test) => (test.kind === 'stdio' ? test.stdin : test.code))]) {
    if (!text.isWellFormed()) throw invalid('an input or a test is no valid Unicode text')
  }
}

function checkedPath(path: string): string {
  const parts = path.split('/')
  const odd = parts.some((part) => part === '' || part === '.' || part === '..')
  // Compilers would read the first as an option, and the second as a file full of options.
  if (odd || /^[-@]/.test(path) || path.includes('\0') || !path.isWellFormed() || Buffer.byteLength(path) > pathBytesMax) {
    throw invalid(`${JSON.stringify(path)} is no relative path below the work directory`)
  }
  if (parts[0]?.startsWith('.crucible')) throw invalid('names beginning with .crucible are taken')
  return path
}

function decode(file: SourceFile): Uint8Array {
  if (file.encoding === 'utf8') {
    if (!file.content.isWellFormed()) throw invalid(`file ${JSON.stringify(file.path)} is no valid Unicode text`)
    return Buffer.from(file.content, 'utf8')
  }
  const bytes = Buffer.from(file.content, 'base64')
  // Buffer skips what it does not understand; a job that does not survive the round trip was damaged on the way.
  if (bytes.toString('base64').replaceAll('=', '') !== file.content.replaceAll('=', '')) {
    throw invalid(`file ${JSON.stringify(file.path)} is no valid base64`)
  }
  return bytes
}

function checkText(text: string, what: string): void {
  if (text.includes('\0') || !text.isWellFormed()) throw invalid(`${what} holds a NUL byte or no valid Unicode text`)
}

const invalid = (detail: string) => new JobFault('invalid_job', detail)
