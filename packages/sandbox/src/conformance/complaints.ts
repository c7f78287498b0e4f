import type { RunOutcome } from '../engine.ts'
import type { Expectation } from './case.ts'

export type Seen = { readonly outcome: RunOutcome; readonly stdout: Buffer; readonly stderr: Buffer }

const shownMax = 300

/** Every way in which what was seen differs from what was promised. */
export function complaints(wanted: Expectation, { outcome, stdout, stderr }: Seen): string[] {
  const { usage, cut } = outcome
  const found: string[] = []
  const must = (holds: boolean, text: string) => {
    if (!holds) found.push(text)
  }
  if (wanted.reason !== undefined) {
    must(
      [wanted.reason].flat().includes(outcome.reason),
      `reason ${outcome.reason} instead of ${[wanted.reason].flat().join(' or ')}`,
    )
  }
  if (wanted.exitCode !== undefined)
    must(outcome.exitCode === wanted.exitCode, `exit code ${outcome.exitCode} instead of ${wanted.exitCode}`)
  if (wanted.signal !== undefined) must(outcome.signal === wanted.signal, `signal ${outcome.signal} instead of ${wanted.signal}`)
  if (wanted.stdout !== undefined) must(stdout.equals(Buffer.from(wanted.stdout)), `standard output ${shown(stdout)}`)
  if (wanted.stderr !== undefined) must(stderr.equals(Buffer.from(wanted.stderr)), `standard error ${shown(stderr)}`)
  if (wanted.stdoutHas !== undefined)
    must(stdout.includes(wanted.stdoutHas), `standard output lacks ${wanted.stdoutHas}: ${shown(stdout)}`)
  if (wanted.stdoutLacks !== undefined) must(!stdout.includes(wanted.stdoutLacks), `standard output has ${wanted.stdoutLacks}`)
  if (wanted.stderrHas !== undefined)
    must(stderr.includes(wanted.stderrHas), `standard error lacks ${wanted.stderrHas}: ${shown(stderr)}`)
  if (wanted.cut !== undefined) {
    must((cut.stdout !== null) === (wanted.cut === 'stdout'), 'standard output cut, or not, against the promise')
    must((cut.stderr !== null) === (wanted.cut === 'stderr'), 'standard error cut, or not, against the promise')
  }
  if (wanted.stdoutBytesMin !== undefined)
    must(usage.stdoutBytes >= wanted.stdoutBytesMin, `only ${usage.stdoutBytes} bytes were counted`)
  if (wanted.stdoutKeptMax !== undefined) must(stdout.length <= wanted.stdoutKeptMax, `${stdout.length} bytes were kept`)
  if (wanted.wallMsMax !== undefined) must(usage.wallMs <= wanted.wallMsMax, `it took ${usage.wallMs} ms`)
  if (wanted.cpuMsMin !== undefined)
    must(usage.cpuUserMs + usage.cpuSystemMs >= wanted.cpuMsMin, 'less CPU time was counted than used')
  if (wanted.memoryPeakBytesMin !== undefined)
    must((usage.memoryPeakBytes ?? 0) >= wanted.memoryPeakBytesMin, `peak memory ${usage.memoryPeakBytes}`)
  if (found.length > 0 && stderr.length > 0 && wanted.stderr === undefined) found.push(`standard error ${shown(stderr)}`)
  return found
}

const shown = (bytes: Buffer) => JSON.stringify(bytes.subarray(0, shownMax).toString('latin1'))
