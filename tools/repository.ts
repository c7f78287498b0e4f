import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

export const root = join(import.meta.dirname, '..')

const notOurs = new Set(['node_modules', '.git', 'dist', 'data', 'reports', 'coverage', '.cache'])

/** Every file of the repository, by its path from the root; what is installed, built or stored at run time is not. */
export function files(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : files(path)
    return entry.isFile() ? [relative(root, path)] : []
  })
}
