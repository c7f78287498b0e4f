import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, copyFileSync, existsSync, linkSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineFault, type RunSpec, type Sandbox } from '../../engine.ts'
import { putFiles } from '../../supervision/put-files.ts'
import { sandboxLife } from '../../supervision/sandbox-life.ts'
import { runProgram } from './run.ts'
import type { ProcessSite } from './site.ts'

const pipes = ['out', 'err', 'report', 'status']

export function openSandbox(site: ProcessSite, onDestroyed: () => void): Sandbox {
  const { directory, owner } = site
  const work = join(directory, 'work')
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { mode: 0o711 })
  makeOwn(work, owner)
  const made = spawnSync(site.mkfifo, ['-m', '600', ...pipes.map((name) => join(directory, name))], { env: {}, timeout: 5000 })
  if (made.status !== 0) throw new EngineFault(`Named pipes could not be made: ${made.stderr}`)
  if (owner) for (const name of pipes) chownSync(join(directory, name), owner.uid, owner.gid)

  return sandboxLife({
    put: (files) => putFiles(work, files, owner),
    /** By permissions only, which the program's owner may change back: this engine protects from accidents. */
    seal: () => setWritable(Buffer.from(work), false),
    async run(spec, listener, signal) {
      const scratch = join(directory, 'tmp')
      rmSync(scratch, { recursive: true, force: true })
      makeOwn(scratch, owner)
      return await runProgram(site, bring(site, spec), { work, scratch }, listener, signal)
    },
    destroy() {
      setWritable(Buffer.from(work), true)
      rmSync(directory, { recursive: true, force: true })
      onDestroyed()
    },
  })
}

function makeOwn(directory: string, owner: ProcessSite['owner']): void {
  mkdirSync(directory, { mode: 0o700 })
  if (owner) chownSync(directory, owner.uid, owner.gid)
}

/** Starts the host's file for what would be shown elsewhere; a link where the program's user could not reach the original. */
function bring(site: ProcessSite, spec: RunSpec): RunSpec {
  const [wanted, ...rest] = spec.command
  for (const show of spec.show) {
    const host = typeof show === 'string' ? show : show.host
    if (!existsSync(host)) throw new EngineFault(`The path ${host}, which a program needs, does not exist on this machine.`)
  }
  const pair = spec.show.find((show) => typeof show !== 'string' && show.inside === wanted)
  if (!pair || typeof pair === 'string') return spec
  if (!site.owner) return { ...spec, command: [pair.host, ...rest] }
  const target = join(site.shown, createHash('sha256').update(pair.host).digest('hex').slice(0, 16))
  if (!existsSync(target)) {
    try {
      linkSync(pair.host, target)
    } catch {
      copyFileSync(pair.host, target) // another file system
    }
  }
  return { ...spec, command: [target, ...rest] }
}

/** Paths are bytes here: a program may have named files in no encoding at all. */
function setWritable(path: Buffer, writable: boolean): void {
  const { mode } = lstatSync(path)
  chmodSync(path, writable ? mode | 0o700 : mode & 0o555)
  for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
    const below = Buffer.concat([path, Buffer.from('/'), entry.name])
    if (entry.isDirectory()) setWritable(below, writable)
    else if (entry.isFile() && !writable) chmodSync(below, lstatSync(below).mode & 0o555)
  }
}
