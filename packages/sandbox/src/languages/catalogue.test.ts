import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { debianPackages, readLanguages } from './catalogue.ts'
import { placeholders } from './expand.ts'
import { insidePath } from './find-tools.ts'
import { toolValues } from './runtime.ts'

const made: string[] = []
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true })
})

function rootWith(folders: Record<string, unknown>): URL {
  const root = mkdtempSync(join(tmpdir(), 'crucible-languages-'))
  made.push(root)
  for (const [name, content] of Object.entries(folders)) {
    mkdirSync(join(root, name))
    writeFileSync(join(root, name, 'language.json'), JSON.stringify(content))
  }
  return pathToFileURL(`${root}/`)
}

test('the shipped languages are these, and their files are there', () => {
  const languages = readLanguages()
  expect(languages.map((language) => language.name)).toEqual(['bash', 'c', 'cpp', 'java', 'javascript', 'python', 'typescript'])
  for (const { hello, harness, folder } of languages) {
    for (const name of [hello.file, ...(harness?.files ?? [])]) expect(existsSync(new URL(name, folder)), name).toBe(true)
  }
})

test('every placeholder of every command is known', () => {
  const ofJob = ['entry', 'stem', 'sources', 'others', 'memoryMiB', 'work', 'harness']
  for (const language of readLanguages()) {
    const tools = Object.fromEntries(language.tools.map((tool) => [tool.name, `/usr/bin/${tool.name}`]))
    const known = new Set([...ofJob, ...Object.keys(toolValues(tools, []))])
    const stages = [language.compile, language.run, language.harness?.compile, language.harness?.run]
    const words = [...language.version.command, ...stages.flatMap((stage) => (stage ? [...stage.command, ...stage.show] : []))]
    expect(
      placeholders(words).filter((name) => !known.has(name)),
      language.name,
    ).toEqual([])
  }
})

test('the packages that bring every language are named once each', () => {
  const packages = debianPackages(readLanguages())
  expect(packages).toContain('python3')
  expect(new Set(packages).size).toBe(packages.length)
})

test('an odd language stops the start instead of being dropped', () => {
  expect(() => readLanguages(rootWith({ odd: { name: 'odd' } }))).toThrow('language.json')
})

test('a tool outside the system directories is shown as a local one', () => {
  expect(insidePath('/usr/bin/python3.11')).toBe('/usr/bin/python3.11')
  expect(insidePath('/home/alice/crucible/node_modules/node/bin/node')).toBe('/usr/local/bin/node')
})

test('the language that the guide adds would be taken as it stands', () => {
  const guide = readFileSync(new URL('../../../../docs/guides/add-a-language.md', import.meta.url), 'utf8')
  const example: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? '')
  expect(readLanguages(rootWith({ lua: example })).map((language) => language.name)).toEqual(['lua'])
})
