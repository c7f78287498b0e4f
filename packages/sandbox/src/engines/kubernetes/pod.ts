/** What a pod's status means to us. Pure: the one place that tells our program's end from what the cluster did to it. */
import { z } from 'zod'
import { appName, labels, loadContainer, programContainer } from './job.ts'

const containerStatus = z.object({
  name: z.string(),
  state: z
    .object({
      waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      running: z.object({}).optional(),
      terminated: z.object({ exitCode: z.int(), reason: z.string().optional(), message: z.string().optional() }).optional(),
    })
    .default({}),
})
export const pod = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({
    runtimeClassName: z.string().optional(),
    automountServiceAccountToken: z.boolean().optional(),
    hostNetwork: z.boolean().optional(),
    hostPID: z.boolean().optional(),
    hostIPC: z.boolean().optional(),
    shareProcessNamespace: z.boolean().optional(),
    volumes: z.array(z.object({ name: z.string(), emptyDir: z.object({}).optional() })).default([]),
    initContainers: z.array(z.object({ name: z.string() })).default([]),
    containers: z.array(z.object({ name: z.string() })).default([]),
  }),
  status: z
    .object({
      phase: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), reason: z.string().optional(), message: z.string().optional() }))
        .default([]),
      initContainerStatuses: z.array(containerStatus).default([]),
      containerStatuses: z.array(containerStatus).default([]),
    })
    .prefault({}),
})
export type Pod = z.infer<typeof pod>

export type Stage =
  | { readonly is: 'coming'; readonly why: string; readonly noRoom: boolean } // queued, pulled, or being set up
  | { readonly is: 'loading' } // waits for the files of the work directory
  | { readonly is: 'running' } // waits for programs
  | { readonly is: 'out_of_memory' } // the kernel ended the program's container because its memory was used up
  | { readonly is: 'lost'; readonly why: string } // the cluster's doing, or ours: never the program's

/** What no waiting mends. A pull that is tried again belongs here too: to a job it is a fault now, and a finding for the log. */
const hopeless = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
])

export function stageOf({ metadata, status }: Pod): Stage {
  const lost = (why: string | undefined, message: string | undefined): Stage => ({
    is: 'lost',
    why: `its pod was lost: ${[why, message].filter(Boolean).join(', ') || 'no reason was given'}`.slice(0, 500),
  })
  // First, because the containers of an evicted pod look as if they had been killed for their own memory.
  const disrupted = status.conditions.find((each) => each.type === 'DisruptionTarget' && each.status === 'True')
  if (disrupted) return lost(disrupted.reason, disrupted.message)
  if (status.reason !== undefined && status.reason !== '') return lost(status.reason, status.message)
  if (metadata.deletionTimestamp !== undefined) return lost('it is being deleted', undefined)

  const stateOf = (list: Pod['status']['containerStatuses'], name: string) => list.find((each) => each.name === name)?.state ?? {}
  const load = stateOf(status.initContainerStatuses, loadContainer)
  const program = stateOf(status.containerStatuses, programContainer)
  for (const { waiting } of [load, program]) {
    if (waiting?.reason !== undefined && hopeless.has(waiting.reason)) return lost(waiting.reason, waiting.message)
  }
  if (load.terminated && load.terminated.exitCode !== 0)
    return lost(`the files could not be put into it (exit code ${load.terminated.exitCode})`, load.terminated.reason)
  if (program.terminated?.reason === 'OOMKilled') return { is: 'out_of_memory' }
  if (program.terminated) return lost(`its container ended (exit code ${program.terminated.exitCode})`, program.terminated.reason)
  if (status.phase === 'Failed' || status.phase === 'Succeeded') return lost(`it ended as ${status.phase}`, status.message)
  if (program.running) return { is: 'running' }
  if (load.running) return { is: 'loading' }
  const unscheduled = status.conditions.find((each) => each.type === 'PodScheduled' && each.status === 'False')
  return {
    is: 'coming',
    why: [unscheduled?.reason ?? load.waiting?.reason ?? status.phase, unscheduled?.message].filter(Boolean).join(', '),
    noRoom: unscheduled?.reason === 'Unschedulable',
  }
}

/** A sentence when the cluster made another pod than we asked for: its webhooks may, and then our promises do not hold. */
export function changedBy({ metadata, spec }: Pod, runtimeClass: string | null): string | null {
  if (runtimeClass !== null && spec.runtimeClassName !== runtimeClass)
    return `it runs under ${spec.runtimeClassName ?? 'no RuntimeClass'} instead of ${runtimeClass}`
  if (spec.automountServiceAccountToken !== false) return 'it may hold a token of a service account'
  if (spec.hostNetwork === true || spec.hostPID === true || spec.hostIPC === true) return 'it shares namespaces with its node'
  if (spec.shareProcessNamespace === true) return 'its containers see each other'
  const volume = spec.volumes.find(({ emptyDir }) => emptyDir === undefined)
  if (volume) return `it has the volume ${volume.name}, which is not ours`
  const names = [...spec.initContainers, ...spec.containers].map(({ name }) => name)
  const other = names.find((name) => name !== loadContainer && name !== programContainer)
  if (other) return `it has the container ${other}, which is not ours`
  return metadata.labels[labels.app] === appName ? null : 'it lost the label by which the network policy finds it'
}
