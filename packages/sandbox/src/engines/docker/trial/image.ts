/** For tests: an image without a registry, made of this machine's own files: Perl, Python, bash and coreutils. */
import { spawn, spawnSync } from 'node:child_process'
import { lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const importMs = 60_000
const shell = [
  'bash',
  'sh',
  'cat',
  'chmod',
  'echo',
  'head',
  'id',
  'ln',
  'ls',
  'mkdir',
  'rm',
  'sleep',
  'touch',
  'tr',
  'true',
  'yes',
]

/** A second or two: so nothing is kept between test runs. */
export async function importImage(socketPath: string, name: string): Promise<void> {
  const [repository, tag] = name.split(':')
  const tar = spawn('/usr/bin/tar', ['-C', '/', '-c', '--exclude=__pycache__', '--no-recursion', '-T', '-'], {
    env: { LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  tar.stdin.end(`${contents().join('\n')}\n`)
  const sent = request({
    socketPath,
    method: 'POST',
    path: `/images/create?fromSrc=-&repo=${repository}&tag=${tag}`,
    headers: { 'Content-Type': 'application/x-tar' },
    signal: AbortSignal.timeout(importMs),
  })
  const answered = new Promise<string>((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', async (response) => {
      let said = ''
      for await (const chunk of response) said += Buffer.from(chunk).toString()
      resolve(`${response.statusCode} ${said}`)
    })
  })
  await pipeline(tar.stdout, sent)
  const answer = await answered
  if (!answer.startsWith('200') || answer.includes('"error"')) throw new Error(`The image could not be imported: ${answer}`)
}

/** Paths below the root, each with the links on its way. */
function contents(): string[] {
  const python = realpathSync('/usr/bin/python3')
  const library = `/usr/lib/${python.split('/').at(-1)}`
  const programs = ['/usr/bin/perl', '/usr/bin/python3', python, ...shell.map((name) => `/usr/bin/${name}`)]
  const modules = everything(library)
  const binaries = [...programs.map((path) => realpathSync(path)), ...modules.filter((path) => path.endsWith('.so'))]
  const all = new Set(['/bin', '/lib', '/lib64'].filter((path) => lstatSync(path, { throwIfNoEntry: false })))
  for (const path of [...programs, ...modules, ...libraries(binaries)]) for (const each of withLinks(path)) all.add(each)
  for (const path of everything('/usr/lib/locale/C.utf8')) all.add(path)
  return [...all].map((path) => path.slice(1))
}

function libraries(binaries: readonly string[]): string[] {
  const { stdout } = spawnSync('/usr/bin/ldd', binaries, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  return [...new Set([...stdout.matchAll(/(?:=> )?(\/\S+\.so\S*) \(0x/g)].flatMap(([, path]) => path ?? []))]
}

/** /lib is a link to usr/lib on a machine of today: a library is packed where it really is, and again under its other name. */
function withLinks(path: string): string[] {
  const real = path.replace(/^\/lib/, (start) => (lstatSync(start).isSymbolicLink() ? '/usr/lib' : start))
  if (!lstatSync(real).isSymbolicLink()) return [real]
  const target = readlinkSync(real)
  return [real, ...withLinks(target.startsWith('/') ? target : join(real, '..', target))]
}

const everything = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => join(entry.parentPath, entry.name))
