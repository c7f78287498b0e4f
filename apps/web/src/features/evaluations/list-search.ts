import { idSchema, statuses, verdicts } from '@crucible/contracts'

/** View state lives in the address. What cannot be read from it is dropped, never an error page. */
export type ListSearch = {
  status?: string
  verdict?: string
  language?: string
  batch?: `btc_${string}`
  from?: string
  until?: string
}

export function readListSearch(search: Record<string, unknown>): ListSearch {
  const batch = batchId.safeParse(search['batch'])
  const { language } = search
  return Object.fromEntries(
    Object.entries({
      status: listOf(search['status'], statuses),
      verdict: listOf(search['verdict'], verdicts),
      language: typeof language === 'string' && language !== '' ? language.slice(0, 64) : undefined,
      batch: batch.success ? batch.data : undefined,
      from: dayFrom(search['from']),
      until: dayFrom(search['until']),
    }).filter(([, value]) => value !== undefined),
  )
}

const batchId = idSchema('btc')

function listOf(value: unknown, known: readonly string[]): string | undefined {
  const chosen = typeof value === 'string' ? value.split(',').filter((word) => known.includes(word)) : []
  return chosen.length > 0 ? [...new Set(chosen)].join(',') : undefined
}

const dayFrom = (value: unknown) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined
