/**
 * The unbiased estimate of the chance that at least one of k samples passes, from n samples of which c did:
 * 1 - C(n-c, k) / C(n, k), as a product, because the binomials overflow (Chen et al. 2021).
 */
export function passAtK(n: number, c: number, k: number): number {
  if (k < 1 || k > n || c < 0 || c > n) throw new RangeError(`pass@${k} of ${c} in ${n}`)
  if (n - c < k) return 1
  let allFail = 1
  for (let i = n - c + 1; i <= n; i++) allFail *= 1 - k / i
  return 1 - allFail
}

export type Tally = { n: number; c: number }

/** The mean over tasks, or null when some task has fewer than k samples: a mean over the others would flatter. */
export function meanPassAtK(tallies: readonly Tally[], k: number): number | null {
  if (tallies.length === 0 || tallies.some(({ n }) => n < k)) return null
  return tallies.reduce((sum, { n, c }) => sum + passAtK(n, c, k), 0) / tallies.length
}
