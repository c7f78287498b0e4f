import { InvalidArgumentError } from 'commander'

const durations = { ms: 1, s: 1000, m: 60_000, min: 60_000 }
const sizes = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** `5s`, `250ms`, `2m` → milliseconds. A bare number is refused: seconds or milliseconds would be a guess. */
export const parseDuration = (text: string) => parse(text, durations, 'a time such as 5s, 250ms or 2m')

/** `256MiB`, `64M`, `1GB`, `4096B` → bytes. K, M and G alone are powers of 1024. */
export const parseSize = (text: string) => parse(text, sizes, 'a size such as 256MiB, 64M or 1GB')

function parse(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim())
  const factor = units[match?.[2]?.toLowerCase() ?? '']
  const value = Math.round(Number(match?.[1]) * (factor ?? Number.NaN))
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError(`Give ${expected}.`)
  return value
}

export function parseCount(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('Give a whole number from 1.')
  return value
}

export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const [value, unit] =
    bytes < 1024 ** 2 ? [bytes / 1024, 'KiB'] : bytes < 1024 ** 3 ? [bytes / 1024 ** 2, 'MiB'] : [bytes / 1024 ** 3, 'GiB']
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}
