/** Every language is a folder here; adding one is adding a folder. */
import { readdirSync, readFileSync } from 'node:fs'
import { type Language, language } from './language.ts'

const here = new URL('.', import.meta.url)

/** Reads and checks every language. A folder that is odd stops the start: a language is never dropped in silence. */
export function readLanguages(root: URL = here): readonly Language[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const languages = folders.map((folder) => readLanguage(new URL(`${folder.name}/`, root)))
  const claimed = new Set<string>()
  for (const name of languages.flatMap((each) => [each.name, ...each.aliases])) {
    if (claimed.has(name)) throw new Error(`two languages claim the name "${name}"`)
    claimed.add(name)
  }
  return languages.toSorted((a, b) => a.name.localeCompare(b.name))
}

/** What `apt-get install` needs so that every language can be offered. */
export function debianPackages(languages: readonly Language[]): readonly string[] {
  return [...new Set(languages.flatMap((each) => each.debianPackages))].toSorted()
}

function readLanguage(folder: URL): Language {
  const file = new URL('language.json', folder)
  const parsed = language.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (!parsed.success) throw new Error(`${file.pathname}: ${parsed.error.message}`)
  return { ...parsed.data, folder }
}
