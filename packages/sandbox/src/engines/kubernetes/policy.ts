/** The NetworkPolicy that the operator applied, and without which nothing is run: an executor may look at it, not change it. */
import { z } from 'zod'
import { Obstacle } from '../../obstacle.ts'
import { type Api, ApiRefusal } from './api.ts'
import { appName, labels } from './job.ts'

export const policyName = 'crucible-sandbox'
const policy = z.object({
  spec: z.object({
    podSelector: z.object({
      matchLabels: z.record(z.string(), z.string()).default({}),
      matchExpressions: z.array(z.unknown()).default([]),
    }),
    policyTypes: z.array(z.string()).default([]),
    ingress: z.array(z.unknown()).default([]),
    egress: z.array(z.unknown()).default([]),
  }),
})
const remedy = 'Apply the manifest of docs/guides/kubernetes-engine.md with "kubectl apply".'

export async function requirePolicy(api: Api, namespace: string, signal?: AbortSignal): Promise<void> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/${policyName}`
  const found = await api.call('GET', path, undefined, signal).catch((cause: unknown) => {
    if (cause instanceof ApiRefusal && cause.status === 404) return null
    throw cause
  })
  if (found === null) throw new Obstacle(`The namespace ${namespace} has no NetworkPolicy ${policyName}.`, remedy)
  const { spec } = policy.parse(found)
  // Fewer labels would do as well, but then somebody meant something else by it.
  const ours = Object.entries(spec.podSelector.matchLabels).every(([name, value]) => name === labels.app && value === appName)
  const both = spec.policyTypes.includes('Ingress') && spec.policyTypes.includes('Egress')
  const shut = spec.ingress.length === 0 && spec.egress.length === 0
  if (ours && spec.podSelector.matchExpressions.length === 0 && both && shut) return
  throw new Obstacle(`The NetworkPolicy ${policyName} does not forbid sandboxes every connection.`, remedy)
}
