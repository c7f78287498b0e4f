import { z } from 'zod'

/** Keyset paging: the cursor is opaque and authenticated; filters apply before it. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(512).optional(),
})

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), page: z.object({ nextCursor: z.string().nullable(), hasMore: z.boolean() }) })
