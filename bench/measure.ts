/** Timing that can be trusted: warm-up, interleaved rounds, medians with their spread. */

/** One thing that runs the same program, some way. */
export type Subject = {
  readonly name: string
  /** One run, start to complete result. Rejects when the result is not the expected one: a wrong run is no measurement. */
  run(): Promise<void>
  close(): Promise<void>
}

export type Spread = { readonly median: number; readonly min: number; readonly max: number }

export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? Number.NaN
}

export const spread = (values: readonly number[]): Spread => ({
  median: percentile(values, 50),
  min: Math.min(...values),
  max: Math.max(...values),
})

/** Milliseconds of `count` runs, one at a time. */
export async function latencies(subject: Subject, count: number): Promise<number[]> {
  const out: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await subject.run()
    out.push(performance.now() - start)
  }
  return out
}

/** Runs per second with `inFlight` runs kept going for `durationMs`; the tail that is still running counts by its time. */
export async function throughput(subject: Subject, inFlight: number, durationMs: number): Promise<number> {
  const start = performance.now()
  let finished = 0
  const lane = async () => {
    while (performance.now() - start < durationMs) {
      await subject.run()
      finished++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return finished / ((performance.now() - start) / 1000)
}

/** Measures every subject once per round, in turn, so that a machine that drifts drifts for all of them. */
export async function rounds<T>(
  count: number,
  subjects: readonly Subject[],
  measure: (subject: Subject) => Promise<T>,
): Promise<Map<string, T[]>> {
  const results = new Map<string, T[]>(subjects.map((subject) => [subject.name, []]))
  for (let round = 0; round < count; round++) {
    for (const subject of subjects) results.get(subject.name)?.push(await measure(subject))
  }
  return results
}
