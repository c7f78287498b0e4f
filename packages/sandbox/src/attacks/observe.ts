/** From what was seen of one run of an attack to every way in which it was not stopped. */
import type { JudgeEvent } from '../judge/judge.ts'
import type { Isolation, Judgement, Reason, RunResult } from '../spec.ts'
import type { Attack, Stopped } from './attack.ts'

export type Seen = {
  readonly judgement: Judgement
  readonly events: readonly JudgeEvent[]
}

/** `proves`: that something got through. A program that did not speak may only have failed; no excuse, but no proof either. */
export type Complaint = { readonly text: string; readonly proves: boolean }

const shownMax = 200

export function notStopped(
  attack: Attack,
  { judgement, events }: Seen,
  { nonce, secret, isolation }: { nonce: string; secret: string; isolation: Isolation },
): Complaint[] {
  const wanted = attack.stopped
  const written = { stdout: bytesOf(events, 'stdout'), stderr: bytesOf(events, 'stderr') }
  const results = resultsOf(judgement)
  const last = judgement.run ?? judgement.compile
  const found: Complaint[] = []
  const must = (holds: boolean, text: string) => {
    if (!holds) found.push({ text, proves: true })
  }
  for (const [stream, bytes] of Object.entries(written)) must(!bytes.includes(secret), `the secret is on ${stream}`)
  if (wanted.says !== undefined && !(attack.surface === 'host-kernel' && isolation === 'kernel-private')) {
    const complaints = unsaid(
      wanted.says,
      `${written.stdout.toString('latin1')}\n${written.stderr.toString('latin1')}`,
      nonce,
      last,
    )
    const wrote = `it wrote ${shown(written.stdout)} and ${shown(written.stderr)}`
    if (complaints.length > 0) found.push(...complaints, { text: wrote, proves: false })
  }
  const { reason, verdict, stdout, stdoutLacks, atMost = {} } = wanted
  if (reason !== undefined) must(last !== null && list(reason).includes(last.reason), `it ended by ${last?.reason ?? 'nothing'}`)
  if (verdict !== undefined) must(list(verdict).includes(judgement.verdict), `the verdict is ${judgement.verdict}`)
  if (wanted.earnsNothing) must(judgement.score === 0, `it earned ${judgement.score} (${judgement.verdict})`)
  if (wanted.refusedJob) found.push({ text: 'the job was taken', proves: true })
  if (stdout !== undefined) must(written.stdout.equals(Buffer.from(stdout)), `it wrote ${shown(written.stdout)}`)
  if (stdoutLacks !== undefined) must(!written.stdout.includes(stdoutLacks), `it wrote ${stdoutLacks}`)
  const bound = (name: string, limit: number | undefined, seen: number) =>
    must(limit === undefined || seen <= limit, `${name} was ${seen}, more than ${limit}`)
  const most = (pick: (result: RunResult) => number | null) => Math.max(0, ...results.map((each) => pick(each) ?? 0))
  bound(
    'wall time in ms',
    atMost.wallMs,
    most(({ usage }) => usage.wallMs),
  )
  bound(
    'CPU time in ms',
    atMost.cpuMs,
    most(({ usage }) => usage.cpuUserMs + usage.cpuSystemMs),
  )
  bound(
    'peak memory in bytes',
    atMost.memoryPeakBytes,
    most(({ usage }) => usage.memoryPeakBytes),
  )
  bound(
    'the peak of processes',
    atMost.processesPeak,
    most(({ usage }) => usage.processesPeak),
  )
  bound('kept output in bytes', atMost.keptBytes, written.stdout.length + written.stderr.length)
  return found
}

function unsaid(says: NonNullable<Stopped['says']>, text: string, nonce: string, last: RunResult | null): Complaint[] {
  const lines = text.split('\n').flatMap((line) => {
    const [mark, name = '', ...rest] = line.split(' ')
    return mark === nonce ? [{ name, result: rest.join(' ') }] : []
  })
  const wrong = lines.filter(({ name, result }) => !says[name]?.includes(result))
  const missing = Object.keys(says).filter((name) => !lines.some((line) => line.name === name))
  // An engine may kill whoever asks for such a thing. That answers one question; two would mean that one was not asked.
  const killedFor = last?.reason === 'violation' ? missing.filter((name) => name !== 'tried') : []
  const unanswered = killedFor.length === 1 ? [] : missing
  return [
    ...wrong.map(({ name, result }) => ({ text: `${name}: ${result.slice(0, shownMax)}`, proves: true })),
    ...unanswered.map((name) => ({ text: `${name}: no word about it`, proves: false })),
  ]
}

const list = <T extends Reason | Judgement['verdict']>(one: T | readonly T[]): readonly T[] => [one].flat() as readonly T[] // flat() loses the type of a readonly union

const resultsOf = ({ compile, run, tests }: Judgement): RunResult[] =>
  [compile, run, ...tests.map(({ result }) => result)].filter((each) => each !== null)

const bytesOf = (events: readonly JudgeEvent[], stream: 'stdout' | 'stderr'): Buffer =>
  Buffer.concat(events.flatMap((event) => (event.type === 'output' && event.stream === stream ? [event.chunk] : [])))

const shown = (bytes: Buffer) => JSON.stringify(bytes.subarray(0, shownMax).toString('latin1'))
