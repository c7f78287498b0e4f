import { z } from 'zod'

/** What the server tells the process that started it. */
export const fromServer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listening'), url: z.url() }),
  z.object({ type: z.literal('admin-key'), key: z.string() }),
])
export type FromServer = z.infer<typeof fromServer>
/** And the answer to an admin key: it is on disk, so the transaction that stores its hash may commit. */
export const toServer = z.object({ type: z.literal('admin-key-written') })
