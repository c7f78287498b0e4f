import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import configuration from '../.dependency-cruiser.mjs'
import { files, root } from './repository.ts'

const documents = files().filter((path) => path.endsWith('.md'))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const manifest = JSON.parse(read('package.json')) as { scripts: Record<string, string> } // our own file

/** What `pattern`'s first group finds, with the document that says it. */
const mentions = (pattern: RegExp) =>
  documents.flatMap((path) => [...read(path).matchAll(pattern)].map(([, found = '']) => ({ path, found })))

/** Code spans and blocks: prose may speak about crucible without naming a command. */
const code = (path: string) =>
  [...read(path).matchAll(/```[a-z ]*\n([\s\S]*?)```|`([^`\n]+)`/g)].map(([, block, span]) => block ?? span ?? '')

test('documents are read', () => {
  expect(documents).toContain('README.md')
})

test('every npm script that a document names exists', () => {
  const named = [...mentions(/\bnpm run ([a-z][a-z:-]*)/g), ...mentions(/\bnpm (start|test)\b/g)]
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter(({ found }) => !(found in manifest.scripts))).toEqual([])
})

test('every crucible command that a document names exists', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['apps/cli/bin/crucible.mjs', '--help'], { cwd: root })
  const commands = new Set([...stdout.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name]) => name))
  expect(commands).toContain('run')
  const named = documents.flatMap((path) =>
    code(path).flatMap((text) => [...text.matchAll(/(?:^|\s|npx )crucible ([a-z]+)\b/gm)].map(([, found]) => ({ path, found }))),
  )
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter(({ found }) => !commands.has(found))).toEqual([])
})

test('every relative link leads to a file', () => {
  const links = mentions(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)
  expect(links.length).toBeGreaterThan(0)
  expect(links.filter(({ path, found }) => !existsSync(join(root, dirname(path), found)))).toEqual([])
})

test('every path of the repository that a sentence names exists', () => {
  // Sentences only: a block may show what one is about to make.
  const spans = (path: string) =>
    [
      ...read(path)
        .replaceAll(/```[\s\S]*?```/g, '')
        .matchAll(/`([^`\n]+)`/g),
    ].map(([, span = '']) => span)
  const named = documents.flatMap((path) =>
    spans(path).flatMap((text) =>
      [...text.matchAll(/(?:^|[\s(])((?:apps|packages|tools|docs|tests|db|\.ci)\/[\w./-]*\w)/g)].map(([, found = '']) => ({
        path,
        found,
      })),
    ),
  )
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter(({ found }) => !existsSync(join(root, found)))).toEqual([])
})

test('the architecture names every import rule, word for word', () => {
  const architecture = read('docs/architecture.md').replaceAll(/\s+/g, ' ')
  expect(configuration.forbidden.map(({ name }) => name).filter((name) => !architecture.includes(name))).toEqual([])
})

const blocks = documents.flatMap((path) =>
  [...read(path).matchAll(/```sh run\n([\s\S]*?)```/g)].map(([, script = '']) => ({ path, script })),
)
test('some documented commands are run', () => {
  expect(blocks.length).toBeGreaterThan(0)
})
test.each(blocks)('the commands of $path run: $script', async ({ script }) => {
  await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, timeout: 50_000 })
})
