import { readFile, readlink, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const fastShutdownMs = 15_000
const immediateShutdownMs = 5_000

/**
 * Ends the PostgreSQL that a killed server left behind on this cluster, and removes a lock file that means nothing any
 * more. The caller holds the lock of the data directory, so no living server of ours uses it.
 */
export async function stopOrphan(cluster: string): Promise<'none' | 'stale' | 'stopped'> {
  const lockFile = join(cluster, 'postmaster.pid')
  const text = await readFile(lockFile, 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  if (!Number.isSafeInteger(pid) || pid <= 1) return 'none'
  if (!(await isPostmasterOf(pid, cluster))) {
    // The number may by now be some other program's, and PostgreSQL would then refuse to start.
    await rm(lockFile, { force: true })
    return 'stale'
  }
  process.kill(pid, 'SIGINT') // fast shutdown: sessions are ended, nothing is lost
  if (!(await isGone(pid, cluster, fastShutdownMs))) {
    process.kill(pid, 'SIGQUIT') // immediate shutdown: the next start recovers
    if (!(await isGone(pid, cluster, immediateShutdownMs)))
      throw new Error(`PostgreSQL with pid ${pid} does not end; end it and start again`)
  }
  return 'stopped'
}

/** A postmaster's working directory is its cluster; a process that merely got the same number has another. */
const isPostmasterOf = async (pid: number, cluster: string) => {
  const [cwd, real] = await Promise.all([readlink(`/proc/${pid}/cwd`).catch(() => ''), realpath(cluster)])
  return cwd === real
}

/** Not our child, so no event tells of its end: asked again every 20 ms. */
async function isGone(pid: number, cluster: string, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    if (!(await isPostmasterOf(pid, cluster))) return true
    await delay(20)
  }
  return false
}
