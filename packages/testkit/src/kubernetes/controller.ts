/** The part of a cluster that makes a pod of each Job, and takes it away with it. */
import { randomBytes } from 'node:crypto'
import { type Quota, requireQuota, requireRestricted, requireSensible } from './admission.ts'
import type { Kube, Objects } from './objects.ts'
import { Refusal } from './refusal.ts'
import { requireValid } from './schema.ts'

export type KubeEvent = { readonly job: string; readonly reason: string; readonly message: string }
export type ControllerDeps = {
  readonly objects: Objects
  readonly quota: Quota
  readonly events: KubeEvent[]
  /** What a mutating webhook makes of a pod before anybody sees it. */
  mutate(pod: Kube): void
  run(pod: Kube): void
  kill(pod: Kube): Promise<void>
}

export type Controller = {
  created(job: Kube): void
  /** Background: the Job is gone at once, its pod a moment later. */
  deleted(job: Kube): void
  /** To be told when a pod has ended. */
  ended(pod: Kube): void
  close(): void
}

const defaultTokenVolume = 'kube-api-access'

export function jobController(deps: ControllerDeps): Controller {
  const { objects, events } = deps
  const timers = new Set<NodeJS.Timeout>()
  const later = (ms: number, act: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, ms)
    timers.add(timer.unref())
  }
  const podOf = (job: Kube) => objects.all('pods').find((pod) => pod.metadata.labels?.['job-name'] === job.metadata.name)

  const makePod = (job: Kube) => {
    const { metadata, spec } = job.spec.template
    const name = `${job.metadata.name}-${randomBytes(3).toString('hex').slice(0, 5)}`
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...structuredClone(metadata), name },
      spec: structuredClone(spec),
      status: { phase: 'Pending', conditions: [] },
    } as unknown as Kube // its uid and version come with its creation
    requireValid(pod)
    pod.metadata.labels = {
      ...pod.metadata.labels,
      'job-name': job.metadata.name,
      'batch.kubernetes.io/job-name': job.metadata.name,
    }
    deps.mutate(pod)
    // What the service account admission adds when nobody says no.
    if (pod.spec.automountServiceAccountToken !== false) {
      pod.spec.volumes = [...(pod.spec.volumes ?? []), { name: defaultTokenVolume, projected: { sources: [] } }]
    }
    requireSensible(pod)
    requireRestricted(pod)
    requireQuota('pods', name, objects.all('pods').length, deps.quota)
    return objects.create('pods', pod)
  }

  return {
    created(job) {
      const seconds: unknown = job.spec.activeDeadlineSeconds
      if (typeof seconds === 'number') {
        later(Math.min(seconds * 1000, 2 ** 31 - 1), () => {
          const pod = podOf(job)
          if (pod) void deps.kill(pod).then(() => objects.remove('pods', pod.metadata.name))
          job.status = { conditions: [{ type: 'Failed', status: 'True', reason: 'DeadlineExceeded' }] }
          objects.touch('jobs', job)
        })
      }
      setImmediate(() => {
        if (objects.get('jobs', job.metadata.name) !== job) return
        try {
          deps.run(makePod(job))
        } catch (cause) {
          if (!(cause instanceof Refusal)) throw cause
          events.push({ job: job.metadata.name, reason: 'FailedCreate', message: `Error creating: ${cause.message}` })
        }
      })
    },
    deleted(job) {
      const pod = podOf(job)
      if (!pod) return
      pod.metadata.deletionTimestamp = new Date().toISOString()
      objects.touch('pods', pod)
      void deps.kill(pod).then(() => objects.remove('pods', pod.metadata.name))
    },
    ended(pod) {
      const job = objects.get('jobs', pod.metadata.labels?.['job-name'] ?? '')
      if (!job) return
      job.status = { conditions: [{ type: pod.status.phase === 'Succeeded' ? 'Complete' : 'Failed', status: 'True' }] }
      objects.touch('jobs', job)
      const seconds: unknown = job.spec.ttlSecondsAfterFinished
      if (typeof seconds !== 'number') return
      later(seconds * 1000, () => {
        objects.remove('jobs', job.metadata.name)
        objects.remove('pods', pod.metadata.name)
      })
    },
    close() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
