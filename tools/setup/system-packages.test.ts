import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { missing } from './system-packages.mjs'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'crucible-packages-'))
  await mkdir(join(root, 'tools/setup'), { recursive: true })
  const engine = [
    { package: 'bubblewrap', file: join(root, 'absent'), for: 'the sandbox' },
    { package: 'perl-base', file: root, for: 'the sandbox' },
  ]
  await writeFile(join(root, 'tools/setup/system-packages.json'), JSON.stringify({ engine }))
  await language('here', ['sh'], ['dash'])
  await language('absent', ['no-such-compiler'], ['no-such-package', 'its-headers'])
  await language('ours', ['no-such-node'], [])
})
afterAll(() => rm(root, { recursive: true, force: true }))

test('a package is missing when its file is', () => {
  expect(missing(root, 'engine')).toEqual([{ packages: ['bubblewrap'], for: 'the sandbox' }])
})

test('a language whose data file names an absent program wants all of its packages, and one that apt cannot bring wants none', () => {
  expect(missing(root, 'languages')).toEqual([{ packages: ['no-such-package', 'its-headers'], for: 'absent' }])
})

async function language(name: string, commands: string[], debianPackages: string[]) {
  const folder = join(root, 'packages/sandbox/src/languages', name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'language.json'), JSON.stringify({ name, debianPackages, tools: [{ name, commands }] }))
}
