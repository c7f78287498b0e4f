/** Puts into the attendant's file system what every sandbox sees. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { compileFilter } from '../../seccomp/compile.ts'
import { forkServerNeeds } from '../../seccomp/policy.ts'
import { furnishBase } from '../../supervision/base-files.ts'
import type { Architecture } from '../../supervision/syscalls.ts'
import { atAttendant } from './arguments.ts'
import type { Attendant } from './attendant.ts'
import type { Programs } from './programs.ts'

export const filterInside = `${atAttendant.base}-filter`
export const forkServerFilterInside = `${filterInside}-fork-server`

export async function furnish(attendant: Attendant, programs: Programs, architecture: Architecture): Promise<void> {
  const at = (path: string) => attendant.root + path
  const { base, devices, slots, shown } = atAttendant
  for (const directory of [devices, slots, shown]) mkdirSync(at(directory), { mode: 0o755 })
  furnishBase(at(base), programs.perl)
  const filter = compileFilter(architecture)
  writeFileSync(at(filterInside), filter)
  writeFileSync(at(`${base}/filter`), filter) // a fork server sets it on each run
  writeFileSync(at(forkServerFilterInside), compileFilter(architecture, forkServerNeeds))
  await attendant.request('devices', devices, 'null', 'zero', 'full', 'random', 'urandom')
}
