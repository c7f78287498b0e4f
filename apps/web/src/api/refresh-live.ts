import { type Evaluation, isTerminal } from '@crucible/contracts'
import type { InfiniteData } from '@tanstack/react-query'

export type EvaluationPage = { data: Evaluation[]; page: { nextCursor: string | null; hasMore: boolean } }
export type EvaluationPages = InfiniteData<EvaluationPage>

/** How many pages one round asks for, however many are on the screen. */
export const pagesPerRound = 2
const fastestMs = 2_000
const slowestMs = 15_000

/** The pages that show something still moving, the first ones first: a page where all has ended is never asked for again. */
export function pagesToRefresh(pages: EvaluationPages): number[] {
  return pages.pages
    .flatMap((page, index) => (page.data.some((row) => !isTerminal(row.status)) ? [index] : []))
    .slice(0, pagesPerRound)
}

/** Puts fresh rows in the place of old ones. Rows neither come, go nor move: what a reader points at stays where it is. */
export function withFresh(pages: EvaluationPages, fresh: readonly Evaluation[]): EvaluationPages {
  const byId = new Map(fresh.map((row) => [row.id, row]))
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, data: page.data.map((row) => byId.get(row.id) ?? row) })) }
}

/** Ever slower while nothing changes, so that a long queue on a forgotten tab costs four requests a minute. */
export const delayAfter = (previousMs: number, hasChanged: boolean) =>
  hasChanged ? fastestMs : Math.min(slowestMs, Math.max(fastestMs, previousMs * 1.5))

export const hasChanged = (pages: EvaluationPages, fresh: readonly Evaluation[]) => {
  const before = new Map(pages.pages.flatMap((page) => page.data).map((row) => [row.id, row.status]))
  return fresh.some((row) => before.has(row.id) && before.get(row.id) !== row.status)
}
