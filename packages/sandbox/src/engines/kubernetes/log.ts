/**
 * Our keeper's words, out of its container's log. They are numbered: a connection that breaks is opened again from the start,
 * what was heard already is passed over, and a number that is missing is a fault. (A node rotates logs, and may lose a line.)
 */
import { setTimeout as delay } from 'node:timers/promises'
import { EngineFault } from '../../engine.ts'
import type { Api } from './api.ts'
import { lines } from './lines.ts'

export type Word = { readonly kind: string; readonly bytes: Buffer }

export type Log = {
  /** Settles when no more words will come: the container ended, or nobody listens any more. Rejects with an EngineFault. */
  readonly ended: Promise<void>
  /** What the container wrote that was not ours: the complaints of a program that could not even start. */
  complaint(): string
  close(): void
}

const lineBytesMax = 64 * 1024
const complaintBytesMax = 2048
const triesMax = 5
const pauseMs = 200

/** `isOver` says whether the container has ended, so that the end of its log is the end. */
export function followLog(api: Api, path: string, take: (word: Word) => void, isOver: () => boolean): Log {
  const closing = new AbortController()
  let heard = 0
  let complaint = ''

  const once = async () => {
    let strange = ''
    for await (const line of lines(await api.follow(path, closing.signal), lineBytesMax)) {
      const [, number, kind = '', base64 = ''] = /^(\d+) ([a-z]) ([A-Za-z0-9+/=]*)$/.exec(line) ?? []
      if (number === undefined) {
        if (strange.length < complaintBytesMax) strange += `${line}\n`
        complaint = strange
        continue
      }
      if (Number(number) <= heard) continue
      if (Number(number) !== heard + 1) throw new Gap(`The log of a sandbox lost lines ${heard + 1} to ${Number(number) - 1}.`)
      heard++
      take({ kind, bytes: Buffer.from(base64, 'base64') })
    }
  }
  const forever = async () => {
    let tries = 0
    for (;;) {
      const before = heard
      try {
        await once()
        if (isOver()) return
      } catch (cause) {
        if (closing.signal.aborted) return
        if (cause instanceof Gap || isOver()) throw cause
        if (heard === before && ++tries >= triesMax) throw new EngineFault('The log of a sandbox cannot be read.', { cause })
      }
      if (closing.signal.aborted) return
      if (heard > before) tries = 0
      await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => {})
    }
  }
  const ended = forever()
  ended.catch(() => {}) // whoever waits hears of it
  return { ended, complaint: () => complaint.trim().slice(0, 500), close: () => closing.abort() }
}

class Gap extends EngineFault {}
