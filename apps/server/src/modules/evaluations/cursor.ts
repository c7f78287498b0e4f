/** Cursors: opaque, authenticated, and good for one list with one set of filters in one organization. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { OrganizationId } from '@crucible/contracts'
import { refuse } from '../../platform/refusal/index.ts'

const macBytes = 16

export type CursorScope = {
  readonly key: Uint8Array
  readonly list: string
  readonly organizationId: OrganizationId
  /** Everything that decides which rows the list has, and in which order; not the page size. */
  readonly filters: unknown
}

export const writeCursor = (scope: CursorScope, position: string): string =>
  Buffer.concat([mac(scope, position), Buffer.from(position)]).toString('base64url')

/** The position behind a cursor of ours. Anything else, and a cursor of another list, is refused. */
export function readCursor(scope: CursorScope, cursor: string | undefined): string | null {
  if (cursor === undefined) return null
  const bytes = Buffer.from(cursor, 'base64url')
  const position = bytes.subarray(macBytes).toString()
  // Compared again as text: base64url has several spellings of the same bytes, and only ours is ours.
  if (bytes.length <= macBytes || bytes.toString('base64url') !== cursor) throw refuse('invalid_cursor')
  if (!timingSafeEqual(bytes.subarray(0, macBytes), mac(scope, position))) throw refuse('invalid_cursor')
  return position
}

const mac = (scope: CursorScope, position: string) =>
  createHmac('sha256', scope.key)
    .update(JSON.stringify([scope.list, scope.organizationId, scope.filters, position]))
    .digest()
    .subarray(0, macBytes)
