import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { files, root } from './repository.ts'

const all = files()
const texts = all.filter((path) => /\.(ts|tsx|mjs|cjs|js|json|md|sql|sh|yml|css|html)$|^\.ci\/run$/.test(path))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const isTest = (path: string) => /\.test\.tsx?$/.test(path)

/** Every `path:line` of `paths` that matches. */
function hits(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  )
}

test('the repository is read', () => {
  expect(texts.length).toBeGreaterThan(50)
})

test('no file names the folder that the repository happens to lie in', () => {
  const own = new RegExp(`${root.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}/`) // with the slash: /work is also a folder inside a sandbox
  expect(hits(texts, own)).toEqual([])
})

test('the lockfile installs from whichever registry is configured', () => {
  expect(hits(['package-lock.json'], /"resolved": "(https?|git)/)).toEqual([])
})

test('every dependency is pinned exactly', () => {
  const manifests = all.filter((path) => /(^|\/)package\.json$/.test(path))
  const loose = manifests.flatMap((path) => {
    const manifest = JSON.parse(read(path)) as Record<string, Record<string, string> | undefined> // npm's own format
    const groups = [manifest['dependencies'], manifest['devDependencies'], manifest['optionalDependencies']]
    return groups
      .flatMap((group) => Object.entries(group ?? {}))
      .filter(([, version]) => !/^(npm:[a-z-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
  })
  expect(loose).toEqual([])
})

test('no file or folder is called utils, helpers, common, shared, misc or lib', () => {
  expect(all.filter((path) => /(^|\/)(utils?|helpers?|common|shared|misc|lib)(\/|\.)/.test(path))).toEqual([])
})

test('the environment is read in config.ts and nowhere else', () => {
  const production = all.filter(
    (path) =>
      /^(apps|packages)\/.*\.(ts|tsx|mjs)$/.test(path) &&
      !isTest(path) &&
      !/^apps\/[a-z]+\/src\/config\.ts$|^packages\/testkit\/|^packages\/sandbox\/src\/languages\/|\.config\.ts$/.test(path),
  )
  expect(production.length).toBeGreaterThan(50)
  expect(hits(production, /process\.env\b|\benv\b[^=]*} = process\b|\{[^}]*\benv\b[^}]*\} from 'node:process'/)).toEqual([])
})

test('nothing waits to be done without an issue that says so', () => {
  expect(
    hits(
      texts.filter((path) => path !== 'tools/house-rules.test.ts' && path !== 'package-lock.json'),
      /\b(TODO|FIXME|XXX)\b(?! ?\(#\d+\))/,
    ),
  ).toEqual([])
})

test('no test is skipped without a word about why', () => {
  const silent = /\b(test|it|describe)\.(skip|todo)\b/
  expect(
    hits(
      all.filter(isTest).filter((path) => path !== 'tools/house-rules.test.ts'),
      silent,
    ),
  ).toEqual([])
})
