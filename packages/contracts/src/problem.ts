import { z } from 'zod'
import { type RefusalCode, refusals } from './refusals.ts'

/** RFC 9457. `errors[].pointer` is a JSON pointer into the body, or the parameter's name. */
export const problem = z.object({
  type: z.string().meta({ examples: ['urn:crucible:problem:evaluation_not_found'] }),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(refusals) as [RefusalCode, ...RefusalCode[]]),
  detail: z.string().optional(),
  requestId: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
})
export type Problem = z.infer<typeof problem>
