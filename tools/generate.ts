/**
 * Writes every generated file from its one source; `--check` writes nothing and fails when one is out of date.
 * The tables in the docs come from the tables that the code runs on, so that they cannot differ.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { configuration } from './generate/configuration.ts'
import { errors } from './generate/errors.ts'
import { permissionMatrix } from './generate/permissions.ts'
import { runWhereOthersReach } from './setup/reachable.mjs'

const root = join(import.meta.dirname, '..')
const documents = { 'docs/configuration.md': configuration, 'docs/errors.md': errors, 'docs/permissions.md': permissionMatrix }

const elsewhere = await runWhereOthersReach(root, 'tools/generate.ts')
if (elsewhere === undefined) await generate()
else process.exitCode = elsewhere

async function generate(): Promise<void> {
  const isCheck = process.argv.includes('--check')
  for (const [path, text] of Object.entries(documents)) {
    const wanted = text()
    const target = join(root, path)
    if ((await readFile(target, 'utf8').catch(() => '')) === wanted) continue
    if (isCheck) {
      console.error(`${path} is out of date: run npm run generate`)
      process.exitCode = 1
    } else {
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, wanted)
    }
  }
  await import('./generate/schema.ts') // a program of its own: it needs a database, and reads `--check` itself
}
