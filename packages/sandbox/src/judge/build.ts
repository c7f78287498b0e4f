/** What is put into a sandbox before its runs: the job's files and, for hidden programs, the runner beside them. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Values } from '../languages/expand.ts'
import type { Language, Stage } from '../languages/language.ts'
import type { Job } from '../spec.ts'
import { JobFault } from './fault.ts'
import type { PlacedFile } from './job-files.ts'
import { ownDirectory, workDirectory } from './run-spec.ts'
import type { Unit } from './units.ts'

export type Build = { readonly files: readonly PlacedFile[]; readonly compile: Stage | null; readonly values: Values }

export function planBuild(language: Language, job: Job, placed: readonly PlacedFile[], unit: Unit): Build {
  const { entry, files } = nameEntry(language, job, placed)
  const others = files
    .map((file) => file.path)
    .filter((path) => path !== entry && language.sourceExtensions.some((ending) => path.endsWith(ending)))
  const values = {
    entry,
    others,
    sources: [entry, ...others],
    stem: entry.slice(0, -language.extension.length),
    work: workDirectory,
    harness: ownDirectory,
  }
  const hidden = unit.tests.some(({ test }) => test.kind === 'harness')
  if (!hidden) return { files, compile: language.compile, values }
  const { harness } = language
  if (harness === null) throw new JobFault('invalid_job', `${language.title} has no way to run a hidden program`)
  const ours = harness.files.map((name) => ownFile(basename(name), readFileSync(new URL(name, language.folder))))
  if (unit.code !== null && harness.codeFile !== null) {
    const before = harness.afterEntry ? (files.find((file) => file.path === entry)?.content ?? Buffer.alloc(0)) : Buffer.alloc(0)
    ours.push(ownFile(harness.codeFile, Buffer.concat([before, Buffer.from(`${harness.codePrefix}${unit.code}\n`)])))
  }
  return { files: [...files, ...ours], compile: harness.compile, values }
}

const pageBytes = 4096
const artifactBytesMax = 32 * 2 ** 20 // a C++ binary that includes everything has five

/** What our own files and the compiler's take up in the work directory; the limit is the program's to use, not ours. */
export function roomFor({ files, compile }: Build): number {
  const pages = files.reduce((sum, file) => sum + Math.ceil(file.content.length / pageBytes) + file.path.split('/').length, 1)
  return pages * pageBytes + (compile === null ? 0 : artifactBytesMax)
}

/** Some compilers want the file named after what it declares, and people paste sources without knowing. */
function nameEntry(language: Language, job: Job, files: readonly PlacedFile[]) {
  const entry = files.find((file) => file.path === job.entry)
  if (entry === undefined || language.entryNamedBy === undefined) return { entry: job.entry, files }
  const declared = new RegExp(language.entryNamedBy, 'm').exec(Buffer.from(entry.content).toString('utf8'))?.[1]
  if (declared === undefined) return { entry: job.entry, files }
  const path = [...job.entry.split('/').slice(0, -1), `${declared}${language.extension}`].join('/')
  if (files.some((file) => file.path === path)) return { entry: job.entry, files }
  return { entry: path, files: files.map((file) => (file === entry ? { ...file, path } : file)) }
}

const ownFile = (name: string, content: Uint8Array): PlacedFile => ({ path: `${ownDirectory}/${name}`, content })
