import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureDependencies } from './dependencies.mjs'
import { ensureWeb } from './web.mjs'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'crucible-stale-'))
  await write('package.json', JSON.stringify({ name: 'whole', version: '1.0.0', dependencies: { part: 'file:./part' } }))
  await write('part/package.json', JSON.stringify({ name: 'part', version: '1.0.0' }))
  await write('package-lock.json', JSON.stringify({ name: 'whole', version: '1.0.0', lockfileVersion: 3, packages: {} }))
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('dependencies are installed when they are missing, and again only when the lockfile changes', async () => {
  await ensureDependencies(root)
  const stamp = await text('node_modules/.crucible-lock')
  await write('node_modules/kept', '')
  await ensureDependencies(root)
  expect(existsSync(join(root, 'node_modules/part/package.json'))).toBe(true)
  expect(existsSync(join(root, 'node_modules/kept'))).toBe(true)

  await write('package-lock.json', `${await text('package-lock.json')}\n`)
  await inTheFuture('package-lock.json')
  await ensureDependencies(root)
  expect(await text('node_modules/.crucible-lock')).not.toBe(stamp)
})

test('what somebody has just installed by hand is not installed again', async () => {
  await write('node_modules/.package-lock.json', '{}')
  await inTheFuture('node_modules/.package-lock.json')
  await ensureDependencies(root)
  expect(await text('node_modules/.package-lock.json')).toBe('{}')
})

test('the web app is built when a source changes and not otherwise, and a failed build says what the builder said', async () => {
  // Stands for the builder: what matters here is when it is started.
  await write(
    'node_modules/vite/bin/vite.js',
    `require('node:fs').mkdirSync('dist', { recursive: true }); require('node:fs').appendFileSync('dist/builds', 'x')`,
  )
  await write('apps/web/src/main.tsx', 'export {}')
  await write('packages/contracts/src/index.ts', 'export {}')
  await write('packages/sdk/src/index.ts', 'export {}')
  await ensureWeb(root, process.execPath)
  await ensureWeb(root, process.execPath)
  expect(await text('apps/web/dist/builds')).toBe('x')
  await write('packages/contracts/src/index.ts', 'export const changed = 1')
  await ensureWeb(root, process.execPath)
  expect(await text('apps/web/dist/builds')).toBe('xx')

  await write('node_modules/vite/bin/vite.js', `console.error('line 3 is odd'); process.exit(1)`)
  await write('apps/web/src/main.tsx', 'export const odd = 1')
  await expect(ensureWeb(root, process.execPath)).rejects.toThrow(/line 3 is odd/)
})

const text = (path: string) => readFile(join(root, path), 'utf8')
async function write(path: string, content: string) {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}
async function inTheFuture(path: string) {
  const at = new Date(Date.now() + 60_000)
  await utimes(join(root, path), at, at)
}
