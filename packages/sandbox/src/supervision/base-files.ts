/** Files of ours that every sandbox sees below /.crucible, and under the names by which programs look for them. */
import { copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { guardScript } from './guard.ts'

/** As whom programs run, as they see it. */
export const insideUid = 65_534
export const baseDirectory = '/.crucible'
export const guardInside = `${baseDirectory}/guard.pl`
export const perlInside = `${baseDirectory}/perl`
export const ownLinks: readonly (readonly [path: string, target: string])[] = [
  ...['passwd', 'group', 'nsswitch.conf', 'ld.so.cache'].map((name) => [`/etc/${name}`, `${baseDirectory}/${name}`] as const),
  ['/usr/lib/locale/C.utf8', `${baseDirectory}/C.utf8`],
]

const ownFiles: Readonly<Record<string, string>> = {
  passwd: `root:x:0:0:root:/:/usr/sbin/nologin\nguest:x:${insideUid}:${insideUid}:guest:/tmp:/bin/sh\n`,
  group: `root:x:0:\nguest:x:${insideUid}:\n`,
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
}
/** What LANG=C.UTF-8 needs: without it Perl complains and others fall back to ASCII. */
const locale = '/usr/lib/locale/C.utf8'
const loaderCache = '/etc/ld.so.cache'

/** Copies and not mounts: one directory is one mount, and each mount is paid for by every run. */
export function furnishBase(directory: string, perl: string, more: readonly string[] = []): void {
  mkdirSync(directory, { mode: 0o755 })
  copyFileSync(guardScript, `${directory}/guard.pl`)
  copyFileSync(perl, `${directory}/perl`)
  for (const file of more) copyFileSync(file, join(directory, basename(file)))
  for (const [name, text] of Object.entries(ownFiles)) writeFileSync(`${directory}/${name}`, text)
  if (existsSync(loaderCache)) copyFileSync(loaderCache, `${directory}/ld.so.cache`)
  if (existsSync(locale)) cpSync(locale, `${directory}/C.utf8`, { recursive: true })
}
