/** The executor's side of keeper.pl: one for each open sandbox. Its faults are faults of the engine; with it goes everything. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { EngineFault } from '../engine.ts'
import { type Architecture, requiredNumber, type SyscallName } from '../supervision/syscalls.ts'

export type Keeper = {
  /** Where its file system is seen from here. */
  readonly root: string
  /** Shows a host path at another, which users of the cell can reach. */
  show(host: string, target: string): Promise<void>
  /** Runs a command in the cell; answers its exit code, above 128 for a signal. `files` become its descriptors from 0 on. */
  run(files: readonly OpenedFile[], command: readonly string[]): Promise<number>
  /** Makes cgroups, and `cgroupNamespace` for a container that will join them. */
  makeGroups(groups: readonly string[]): Promise<void>
  /** Moves all that runs in the cell into cgroups. */
  join(groups: readonly string[]): Promise<void>
  /** Ends all that runs in the cell; resolves when it is gone. */
  kill(): Promise<void>
  removeGroups(groups: readonly string[]): Promise<void>
  /** Ends the cell and the mounts. Idempotent. */
  close(): Promise<void>
}

/** A path in the keeper's file system, for reading, writing, or appending to a file that may not exist yet. */
export type OpenedFile = `${'r' | 'w' | 'a'}:/${string}`

export type KeeperPlace = {
  readonly perl: string
  readonly architecture: Architecture
  readonly uids: number // the first of `uidsPerSlot`
  readonly diskBytes: number
  readonly inodes: number
  readonly base: string // a host directory, seen as /run/base
  readonly needs: readonly RuntimeNeed[]
}
/**
 * What a runtime needs done for it. `hidden-cgroups`: it refuses machines that have cgroups of both versions, even when it
 * shall use none. `plain-root`: it remounts the root directory without repeating flags that it may not drop.
 */
export type RuntimeNeed = 'hidden-cgroups' | 'plain-root'

/** Programs, the runtime, whoever sets a container up, and one more for gVisor: see make_cell. */
export const uidsPerSlot = 4

const requestDeadlineMs = 20_000
const complaintBytesMax = 4096

const calls: readonly SyscallName[] = [
  'unshare',
  'mount',
  'umount2',
  'clone',
  'setns',
  'prctl',
  'setresuid',
  'setresgid',
  'setgroups',
  'mknodat',
  'openat',
  'fcntl',
  'close',
  'write',
  'exit_group',
]

export async function startKeeper(place: KeeperPlace): Promise<Keeper> {
  const numbers = calls.map((name) => `${name}=${requiredNumber(name, place.architecture)}`).join(' ')
  const sizes = [place.uids, place.diskBytes, place.inodes].map(String)
  // Detached: Ctrl-C in a terminal goes to the whole process group, and the executor must end its runs in order first.
  const child = spawn(place.perl, [join(import.meta.dirname, 'keeper.pl'), numbers, ...sizes, place.base, place.needs.join()], {
    env: {},
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const { stdin, stdout, stderr } = child
  const waiting = new Map<string, { resolve(text: string): void; reject(fault: EngineFault): void }>()
  const ended = Promise.withResolvers<void>()
  let death: EngineFault | null = null
  let complaint = ''
  let sequence = 0

  const die = (why: string) => {
    death ??= new EngineFault(`The keeper of a sandbox ended: ${complaint.trim() || why}`)
    for (const { reject } of waiting.values()) reject(death)
    waiting.clear()
    ended.resolve()
  }
  let partial = ''
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (partial + chunk).split('\n')
    partial = lines.pop() ?? ''
    for (const line of lines) {
      const [id = '', word = '', text = ''] = line.split('\t')
      const request = waiting.get(id)
      waiting.delete(id)
      if (word === 'ok') request?.resolve(text)
      else request?.reject(new EngineFault(`The keeper of a sandbox refused: ${text}`))
    }
  })
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint = (complaint + chunk).slice(-complaintBytesMax)
  })
  stdin.on('error', () => {}) // its death is told by `close`, once
  child.on('error', (cause) => die(String(cause)))
  child.on('close', (code, signal) => die(`exit ${code ?? signal}`))

  const expect = (id: string): Promise<string> => {
    const reply = Promise.withResolvers<string>()
    // One that does not answer is ended, and everything of the sandbox with it: nothing may wait for it for ever.
    const deadline = setTimeout(() => {
      complaint = `no answer within ${requestDeadlineMs} ms`
      child.kill('SIGKILL')
    }, requestDeadlineMs)
    deadline.unref()
    const settled = () => clearTimeout(deadline)
    reply.promise.then(settled, settled)
    waiting.set(id, reply)
    return reply.promise
  }
  const tell = (verb: string, ...values: readonly (string | number)[]): Promise<string> => {
    if (death) return Promise.reject(death)
    if (values.some((value) => /[\t\n]/.test(String(value)))) {
      return Promise.reject(new EngineFault('A path with a tab or a line break cannot be shown in a sandbox.'))
    }
    const id = String(++sequence)
    const reply = expect(id)
    stdin.write(`${[id, verb, ...values].join('\t')}\n`)
    return reply
  }
  const close = async () => {
    stdin.end()
    const deadline = setTimeout(() => child.kill('SIGKILL'), requestDeadlineMs)
    await ended.promise
    clearTimeout(deadline)
  }
  await expect('up').catch(async (cause: unknown) => {
    await close()
    throw cause
  })

  return {
    root: `/proc/${child.pid}/root`,
    show: async (host, target) => void (await tell('show', host, target)),
    run: async (files, command) => Number(await tell('run', files.length, ...files, ...command)),
    makeGroups: async (groups) => void (await tell('groups', ...groups)),
    join: async (groups) => void (await tell('join', ...groups)),
    kill: async () => void (await tell('kill')),
    removeGroups: async (groups) => void (await tell('remove', ...groups)),
    close,
  }
}
