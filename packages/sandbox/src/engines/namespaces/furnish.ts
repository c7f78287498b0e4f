/**
 * Puts into the attendant's file system what every sandbox sees. Copies and not mounts: one directory is one mount, and
 * each mount is paid for by every run.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { compileFilter } from '../../seccomp/compile.ts'
import { guardScript } from '../../supervision/guard.ts'
import type { Architecture } from '../../supervision/syscalls.ts'
import { atAttendant, insideUid } from './arguments.ts'
import type { Attendant } from './attendant.ts'
import type { Programs } from './programs.ts'

export const filterInside = `${atAttendant.base}-filter`

const ownFiles: Readonly<Record<string, string>> = {
  passwd: `root:x:0:0:root:/:/usr/sbin/nologin\nguest:x:${insideUid}:${insideUid}:guest:/tmp:/bin/sh\n`,
  group: `root:x:0:\nguest:x:${insideUid}:\n`,
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
}
/** What LANG=C.UTF-8 needs: without it Perl complains and others fall back to ASCII. */
const locale = '/usr/lib/locale/C.utf8'
const loaderCache = '/etc/ld.so.cache'

export async function furnish(attendant: Attendant, programs: Programs, architecture: Architecture): Promise<void> {
  const at = (path: string) => attendant.root + path
  const { base, devices, slots, shown } = atAttendant
  for (const directory of [base, devices, slots, shown]) mkdirSync(at(directory), { mode: 0o755 })
  copyFileSync(guardScript, at(`${base}/guard.pl`))
  copyFileSync(programs.perl, at(`${base}/perl`))
  for (const [name, text] of Object.entries(ownFiles)) writeFileSync(at(`${base}/${name}`), text)
  if (existsSync(loaderCache)) copyFileSync(loaderCache, at(`${base}/ld.so.cache`))
  if (existsSync(locale)) cpSync(locale, at(`${base}/C.utf8`), { recursive: true })
  writeFileSync(at(filterInside), compileFilter(architecture))
  await attendant.request('devices', devices, 'null', 'zero', 'full', 'random', 'urandom')
}
