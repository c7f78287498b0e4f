import { z } from 'zod'
import { idSchema } from './ids.ts'
import { limits } from './limits.ts'
import { roles } from './permissions.ts'

/** `GET /me`: whose key this is, what it may do, and the limits that apply. */
export const me = z.object({
  organization: z.object({ id: idSchema('org'), name: z.string(), slug: z.string() }),
  project: z
    .object({ id: idSchema('prj'), key: z.string(), name: z.string() })
    .meta({ description: "The key's default project." }),
  user: z.object({ id: idSchema('usr'), name: z.string(), role: z.enum(roles) }),
  apiKey: z.object({ id: idSchema('key'), name: z.string(), prefix: z.string(), lastUsedAt: z.iso.datetime().nullable() }),
  permissions: z.array(z.string()),
  limits: z.object({ defaults: limits, maxima: limits }),
})
export type Me = z.infer<typeof me>
