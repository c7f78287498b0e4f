/** How well runs must be kept apart from everything else, and by which engines. */
import { z } from 'zod'

/** From the weakest to the strongest: whoever asks for one is content with any that comes after it. */
export const isolations = ['none', 'process', 'kernel-shared', 'kernel-private'] as const
export type Isolation = (typeof isolations)[number]

export const isAtLeast = (given: Isolation, wanted: Isolation) => isolations.indexOf(given) >= isolations.indexOf(wanted)
/** Every level that `given` is enough for. */
export const levelsUpTo = (given: Isolation): readonly Isolation[] => isolations.slice(0, isolations.indexOf(given) + 1)

/** What a policy may name: `microvm` before anybody has an executor of it, so that the policy need not wait for the machine. */
export const policyEngines = ['namespaces', 'oci', 'gvisor', 'docker', 'kubernetes', 'microvm', 'process'] as const

const least = z.enum(isolations).meta({
  description:
    'The least isolation that a run must have. `kernel-shared`: namespaces and filters on the kernel of the host; `kernel-private`: a kernel of its own.',
})

export const isolationPolicy = z.strictObject({
  least,
  engines: z
    .array(z.enum(policyEngines))
    .min(1)
    .refine((names) => new Set(names).size === names.length, { error: 'names an engine twice' })
    .nullable()
    .meta({ description: 'The engines that may run programs; null: any that isolates well enough.' }),
})
export type IsolationPolicy = z.infer<typeof isolationPolicy>

/** Nothing asked for: an executor that isolates nothing has to be allowed by whoever starts it. */
export const noPolicy: IsolationPolicy = { least: 'none', engines: null }

/** What holds for a run: the stronger level, and the engines that both allow. */
export const isolationInForce = z.object({ least, engines: z.array(z.enum(policyEngines)).nullable() })
export type IsolationInForce = z.infer<typeof isolationInForce>

export const shownIsolationPolicy = z.object({
  ...isolationPolicy.shape,
  inForce: isolationInForce.meta({ description: 'Together with the policy of the organization, which a project cannot weaken.' }),
  version: z.int().meta({ description: 'Send it back as If-Match: "version" with a change.' }),
})
export type ShownIsolationPolicy = z.infer<typeof shownIsolationPolicy>

/** A project can ask for more than its organization, and never for less. */
export function bothPolicies(one: IsolationPolicy, other: IsolationPolicy): IsolationInForce {
  const engines = one.engines === null ? other.engines : one.engines.filter((name) => other.engines?.includes(name) ?? true)
  return { least: isAtLeast(one.least, other.least) ? one.least : other.least, engines }
}
