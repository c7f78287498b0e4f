/** What a cluster refuses although it is well-formed: quotas, and what the Pod Security Standard "restricted" forbids. */
import type { Kube } from './objects.ts'
import { forbidden, Refusal } from './refusal.ts'

export type Quota = { pods?: number; jobs?: number }

export function requireQuota(kind: 'pods' | 'jobs', name: string, used: number, quota: Quota): void {
  const hard = quota[kind]
  if (hard === undefined || used < hard) return
  const resource = kind === 'jobs' ? 'count/jobs.batch' : 'pods'
  throw forbidden(
    `${kind} "${name}" is forbidden: exceeded quota: sandboxes, requested: ${resource}=1, used: ${resource}=${used}, limited: ${resource}=${hard}`,
  )
}

/** What the server checks of a pod beyond its schema, as far as it concerns us. */
export function requireSensible({ metadata, spec }: Pick<Kube, 'metadata' | 'spec'>): void {
  const { runAsUser = 0, runAsGroup = 0 } = spec.securityContext ?? {}
  if (spec.hostUsers === false && Math.max(runAsUser, runAsGroup) > 65_535) {
    throw new Refusal(422, 'Invalid', `Pod "${metadata.name}" is invalid: users above 65535 do not exist in a user namespace`)
  }
}

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/, of which baseline is a part. */
export function requireRestricted(pod: Pick<Kube, 'metadata' | 'spec'>): void {
  const { spec } = pod
  const found: string[] = []
  const own = spec.securityContext ?? {}
  if (spec.hostNetwork || spec.hostPID || spec.hostIPC) found.push('host namespaces')
  for (const volume of spec.volumes ?? []) {
    const kinds = Object.keys(volume).filter((key) => key !== 'name')
    const allowed = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret']
    if (kinds.some((kind) => !allowed.includes(kind))) found.push(`restricted volume types (volume "${volume.name}")`)
  }
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const context = container.securityContext ?? {}
    const must = (holds: boolean, what: string) => {
      if (!holds) found.push(`${what} (container "${container.name}")`)
    }
    must(context.privileged !== true, 'privileged')
    must(context.allowPrivilegeEscalation === false, 'allowPrivilegeEscalation != false')
    must(context.capabilities?.drop?.includes('ALL') === true, 'unrestricted capabilities')
    must(
      (context.capabilities?.add ?? []).every((name: string) => name === 'NET_BIND_SERVICE'),
      'added capabilities',
    )
    must((context.runAsNonRoot ?? own.runAsNonRoot) === true, 'runAsNonRoot != true')
    must((context.runAsUser ?? own.runAsUser) !== 0, 'runAsUser=0')
    must(['RuntimeDefault', 'Localhost'].includes((context.seccompProfile ?? own.seccompProfile)?.type), 'seccompProfile')
  }
  if (found.length > 0)
    throw forbidden(`pods "${pod.metadata.name}" is forbidden: violates PodSecurity "restricted:latest": ${found.join(', ')}`)
}
