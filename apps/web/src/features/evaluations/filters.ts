import type { Status, Verdict } from '@crucible/contracts'
import type { EvaluationFilters } from '../../api/queries.ts'
import type { ListSearch } from './list-search.ts'

/** From the address to what the API is asked. Days are the reader's own, from midnight to midnight. */
export function filtersOf(search: ListSearch): EvaluationFilters {
  return {
    status: search.status === undefined ? undefined : (search.status.split(',') as Status[]), // the route kept known words only
    verdict: search.verdict === undefined ? undefined : (search.verdict.split(',') as Verdict[]), // as above
    language: search.language,
    batch: search.batch,
    createdAfter: search.from === undefined ? undefined : midnight(search.from, 0),
    createdBefore: search.until === undefined ? undefined : midnight(search.until, 1),
  }
}

function midnight(day: string, daysLater: number): string {
  const date = new Date(`${day}T00:00:00`)
  date.setDate(date.getDate() + daysLater)
  return date.toISOString()
}
