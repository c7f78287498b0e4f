/** Which runtime does `python`, `py` or `python@3` mean? */
import type { RuntimeInfo } from '@crucible/sandbox/spec'

export type Choice =
  | { readonly isKnown: true; readonly runtime: RuntimeInfo }
  | { readonly isKnown: false; readonly nearest: string | null }

/** A name or alias means its highest version; `name@3` the highest 3.x. Names are compared without regard to case. */
export function chooseRuntime(runtimes: readonly RuntimeInfo[], asked: string): Choice {
  const [name = '', version = ''] = split(asked.toLowerCase())
  const matching = runtimes
    .filter((runtime) => names(runtime).includes(name) && isWithin(runtime.version, version))
    .sort((a, b) => compareVersions(b.version, a.version))
  const [runtime] = matching
  return runtime === undefined ? { isKnown: false, nearest: nearest(runtimes, asked.toLowerCase()) } : { isKnown: true, runtime }
}

const split = (asked: string) => {
  const at = asked.indexOf('@')
  return at < 0 ? [asked] : [asked.slice(0, at), asked.slice(at + 1)]
}
const names = (runtime: RuntimeInfo) => [runtime.language, ...runtime.aliases].map((name) => name.toLowerCase())
const isWithin = (version: string, wanted: string) => wanted === '' || version === wanted || version.startsWith(`${wanted}.`)

/** By number, segment by segment: 3.11 is above 3.9. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (Number.parseInt(left[i] ?? '', 10) || 0) - (Number.parseInt(right[i] ?? '', 10) || 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The runtime whose name takes the fewest changes to reach, when that is less than half of what was typed. */
function nearest(runtimes: readonly RuntimeInfo[], asked: string): string | null {
  const [name = ''] = split(asked)
  let best: { name: string; distance: number } | null = null
  for (const runtime of runtimes) {
    for (const known of names(runtime)) {
      const distance = changes(name, known)
      if (best === null || distance < best.distance) best = { name: runtime.name, distance }
    }
  }
  return best !== null && best.distance <= Math.max(1, name.length / 2) ? best.name : null
}

/** Levenshtein's distance; both are at most 64 characters. */
function changes(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [i, character] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...to].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (character === other ? 0 : 1)))
    }
    row = next
  }
  return row[to.length] ?? 0
}
