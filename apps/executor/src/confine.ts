/** Under root, gives away what neither slot users nor cgroups nor mounts need, for good: the bounding set only shrinks. */
import { existsSync, readFileSync } from 'node:fs'

/** Capability → its bit, as in <linux/capability.h>. */
const kept = {
  chown: 0, // files of a slot belong to the slot's user
  dac_override: 1, // and are read back when it ends; the token belongs to the server's user
  fowner: 3, // the modes of a slot's files
  kill: 5,
  setgid: 6,
  setuid: 7,
  sys_admin: 21, // mounts in it, and cgroups
  mknod: 27, // /dev/null and its like, in a file system of our own
} as const
const setpriv = '/usr/bin/setpriv'

/**
 * Returns when this process holds no more than that. Otherwise it does not return: the process replaces itself
 * (same pid, same parent) with one that does.
 */
export function confine(): void {
  if (process.geteuid?.() !== 0) return
  const wanted = Object.values(kept).reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n)
  if ((boundingSet() & ~wanted) === 0n) return
  if (!existsSync(setpriv) || process.execve === undefined) {
    throw new Error(`the executor cannot give up root's privileges: ${setpriv} (Debian package util-linux) is missing`)
  }
  const set = ['-all', ...Object.keys(kept).map((name) => `+${name}`)].join(',')
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve(setpriv, ['setpriv', '--bounding-set', set, '--inh-caps', '-all', '--', ...self], {})
}

function boundingSet(): bigint {
  const hex = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  if (hex === undefined) throw new Error('/proc/self/status tells no bounding set')
  return BigInt(`0x${hex}`)
}
