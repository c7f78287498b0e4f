import { cpus, loadavg, release, totalmem } from 'node:os'

/** What the figures were measured on; a figure without it means nothing. */
export function machine(): string {
  const cores = cpus()
  const gib = (totalmem() / 1024 ** 3).toFixed(0)
  const load = loadavg()
    .map((value) => value.toFixed(2))
    .join(' ')
  return `${cores.length} × ${cores[0]?.model ?? 'unknown CPU'}, ${gib} GiB, Linux ${release()}, Node ${process.version}, load ${load}`
}
