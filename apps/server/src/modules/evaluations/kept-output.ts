/** Where each byte of output goes in the log, and how much is kept of it. */
import type { RunResult } from '@crucible/contracts'
import type { Judgement } from '@crucible/sandbox/spec'

type Stream = 'stdout' | 'stderr'
type Counts = Record<Stream, number>
export type Placed = { readonly data: Uint8Array; readonly streamOffset: number; readonly bothOffset: number }

/**
 * The output of all runs of one attempt. One run is bounded by its limit; a thousand tests that each stay below it could
 * still fill the disk. What is left out beyond this is stated in the result of its run, as every other cut is.
 */
export const keptBytesMax = 128 * 1024 * 1024

export function createKept(bytesMax = keptBytesMax) {
  const stored: Counts = { stdout: 0, stderr: 0 }
  const runs = new Map<string, { kept: Counts; omitted: Counts }>()
  const of = (run: string) => {
    const known = runs.get(run)
    if (known !== undefined) return known
    const fresh = { kept: { stdout: 0, stderr: 0 }, omitted: { stdout: 0, stderr: 0 } }
    runs.set(run, fresh)
    return fresh
  }
  const describe = (run: string, result: RunResult): RunResult => {
    const counts = runs.get(run)
    if (counts === undefined || counts.omitted.stdout + counts.omitted.stderr === 0) return result
    const cut = (stream: Stream) =>
      counts.omitted[stream] === 0
        ? result.cut[stream]
        : { headBytes: counts.kept[stream], omittedBytes: result.usage[`${stream}Bytes`] - counts.kept[stream] }
    return { ...result, cut: { stdout: cut('stdout'), stderr: cut('stderr') } }
  }
  return {
    begin: (run: string) => void of(run),
    stored: (stream: Stream) => stored[stream],
    keep(run: string, stream: Stream, bytes: Uint8Array): Placed {
      const counts = of(run)
      const room = bytesMax - stored.stdout - stored.stderr
      const data = bytes.subarray(0, Math.max(0, room))
      const placed = { data, streamOffset: stored[stream], bothOffset: stored.stdout + stored.stderr }
      stored[stream] += data.byteLength
      counts.kept[stream] += data.byteLength
      counts.omitted[stream] += bytes.byteLength - data.byteLength
      return placed
    },
    describe,
    describeAll: (judgement: Judgement): Judgement => ({
      ...judgement,
      compile: judgement.compile && describe('compile', judgement.compile),
      run: judgement.run && describe(decisiveRun(judgement), judgement.run),
      tests: judgement.tests.map((test, index) => ({ ...test, result: test.result && describe(`test:${index}`, test.result) })),
    }),
  }
}

/** `run` repeats the first test that failed, else the last; without tests it is the one run. */
function decisiveRun({ tests }: Judgement): string {
  if (tests.length === 0) return 'run'
  const failed = tests.findIndex(({ verdict, result }) => verdict !== 'accepted' && result !== null)
  return `test:${failed >= 0 ? failed : tests.findLastIndex(({ result }) => result !== null)}`
}
