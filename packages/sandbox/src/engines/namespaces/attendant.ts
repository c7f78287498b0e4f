/**
 * The executor's side of attendant.pl: requests with replies, and the events of the sandboxes that it started.
 * Faults of the attendant are faults of the engine; once it has gone, nothing of a sandbox is left and none can start.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { EngineFault } from '../../engine.ts'
import type { Identity } from '../../supervision/identity.ts'
import { type Architecture, requiredNumber, type SyscallName } from '../../supervision/syscalls.ts'

export type StarterEvents = {
  ready(): void
  broken(why: string): void
  /** null: the attendant died, and the sandbox with it. */
  exit(waitStatus: number | null): void
}

export type Attendant = {
  readonly pid: number
  /** Where the attendant's own file system is seen from outside its mount namespace. */
  readonly root: string
  request(verb: Verb, ...values: readonly (string | number)[]): Promise<string>
  /** Answers the host pid. Calls `events` until `exit` was called, which happens exactly once, also when the attendant dies. */
  start(key: string, events: StarterEvents, ...values: readonly (string | number)[]): Promise<number>
  /** Why it can do nothing any more; null while it lives. With it all mounts and sandboxes have gone. */
  death(): EngineFault | null
  /** Settles with its death; also when it was closed. */
  readonly died: Promise<EngineFault>
  close(): Promise<void>
}

type Verb = 'mount' | 'umount' | 'fifo' | 'bind' | 'devices' | 'kill' | 'remove'

const requestDeadlineMs = 10_000
const startDeadlineMs = 10_000
const complaintBytesMax = 4096

const calls: readonly SyscallName[] = [
  'unshare',
  'mount',
  'umount2',
  'rt_sigprocmask',
  'signalfd4',
  'mknodat',
  'fchownat',
  'fcntl',
  'close',
  'openat',
  'setgroups',
  'setresgid',
  'setresuid',
  'prctl',
  'write',
  'exit_group',
]

export async function startAttendant(perl: string, identity: Identity, architecture: Architecture): Promise<Attendant> {
  const numbers = calls.map((name) => `${name}=${requiredNumber(name, architecture)}`).join(' ')
  const whose = identity.kind === 'slots' ? 'slots' : `single:${identity.outer}:${identity.inner}`
  // Detached: Ctrl-C in a terminal goes to the whole process group, and the executor must end its runs in order first.
  const child = spawn(perl, [join(import.meta.dirname, 'attendant.pl'), numbers, whose], {
    env: {},
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  return await supervise(child)
}

async function supervise(child: ChildProcess): Promise<Attendant> {
  const { stdin, stdout, stderr } = child
  if (!stdin || !stdout || !stderr) throw new EngineFault('The attendant was started without pipes.')
  const waiting = new Map<string, { resolve(text: string): void; reject(fault: EngineFault): void }>()
  const starters = new Map<string, StarterEvents>()
  let complaint = ''
  let death: EngineFault | null = null
  let sequence = 0

  const up = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<EngineFault>()

  const die = (why: string) => {
    if (death) return
    death = new EngineFault(`The sandbox attendant ended: ${complaint.trim() || why}`)
    up.reject(death)
    for (const { reject } of waiting.values()) reject(death)
    waiting.clear()
    for (const events of [...starters.values()]) events.exit(null)
    starters.clear()
    gone.resolve(death)
  }

  const take = (line: string) => {
    const [id = '', word = '', text = ''] = line.split('\t')
    if (id === 'up') return up.resolve()
    if (id === 'ready') return starters.get(word)?.ready()
    if (id === 'broken') return starters.get(word)?.broken(text)
    if (id === 'exit') {
      const events = starters.get(word)
      starters.delete(word)
      return events?.exit(Number(text))
    }
    const request = waiting.get(id)
    waiting.delete(id)
    if (word === 'ok') request?.resolve(text)
    else request?.reject(new EngineFault(`The sandbox attendant refused: ${text}`))
  }

  let partial = ''
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (partial + chunk).split('\n')
    partial = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint = (complaint + chunk).slice(-complaintBytesMax)
  })
  stdin.on('error', () => {}) // its death is told by `close`, once
  child.on('error', (cause) => die(String(cause)))
  child.on('close', (code, signal) => die(`exit ${code ?? signal}`))

  const tell = (verb: string, values: readonly (string | number)[]): Promise<string> => {
    if (death) return Promise.reject(death)
    const id = String(++sequence)
    const reply = Promise.withResolvers<string>()
    const deadline = setTimeout(() => {
      waiting.delete(id)
      reply.reject(new EngineFault(`The sandbox attendant did not answer "${verb}" within ${requestDeadlineMs} ms.`))
    }, requestDeadlineMs)
    deadline.unref()
    const settled = () => clearTimeout(deadline)
    reply.promise.then(settled, settled)
    waiting.set(id, reply)
    stdin.write(`${[id, verb, ...values].join('\t')}\n`)
    return reply.promise
  }

  const starting = setTimeout(() => die(`not ready after ${startDeadlineMs} ms`), startDeadlineMs)
  await up.promise.finally(() => clearTimeout(starting))
  const pid = child.pid ?? 0 // it has spoken, so it has one

  return {
    pid,
    root: `/proc/${pid}/root`,
    request: (verb, ...values) => tell(verb, values),
    async start(key, events, ...values) {
      starters.set(key, events)
      try {
        return Number(await tell('start', [key, ...values]))
      } catch (fault) {
        if (starters.delete(key)) events.exit(null)
        throw fault
      }
    },
    death: () => death,
    died: gone.promise,
    async close() {
      stdin.end()
      const deadline = setTimeout(() => child.kill('SIGKILL'), requestDeadlineMs)
      await gone.promise
      clearTimeout(deadline)
    },
  }
}
