/**
 * The Job of one station, as Kubernetes wants it written. Pure. It asks for nothing that the strictest Pod Security Standard
 * ("restricted") refuses: no root, no capability, no way to new privileges, a read-only root, no token.
 */
import type { KubernetesSettings } from './settings.ts'

export const labels = {
  app: 'app.kubernetes.io/name',
  owner: 'crucible.dev/owner', // the executor, over its restarts
  sandbox: 'crucible.dev/sandbox',
} as const
export const appName = 'crucible-sandbox'
/** Fills the work directory and ends, before the program's container starts. */
export const loadContainer = 'load'
export const programContainer = 'program'

export type Station = {
  readonly name: string
  readonly owner: string
  readonly image: string
  readonly sealed: boolean
  readonly user: number
  /** For the program and our own keeper beside it, and the files that were there before. */
  readonly memoryBytes: number
  readonly workBytes: number // of the work directory
  readonly scratchBytes: number // of /tmp
}

const sharedMemoryBytesMax = 64 * 2 ** 20
/** What the log of a pod may take on the node's disk. Beyond it the node evicts the pod, which is a fault and no verdict. */
const logBytes = 512 * 2 ** 20
const deadlineSlackSeconds = 60
const keptSeconds = 60 // what nobody removed, the cluster does

/** Reads a program from its standard input and becomes it. Nothing here may look like the `$(NAME)` that Kubernetes replaces. */
const bootstrap =
  "sub take { my ($n, $b) = (shift, ''); while (length $b < $n) { sysread(STDIN, $b, $n - length $b, length $b) or exit 3 } $b } eval take(unpack 'N', take(4)); die $@ if $@"

export function jobOf(station: Station, settings: KubernetesSettings): object {
  const quantities = {
    cpu: settings.cpu,
    memory: String(station.memoryBytes),
    'ephemeral-storage': String(logBytes),
  }
  const mounts = (workReadOnly: boolean) => [
    { name: 'work', mountPath: '/work', readOnly: workReadOnly },
    { name: 'scratch', mountPath: '/tmp' },
    { name: 'memory', mountPath: '/dev/shm' },
  ]
  const container = (name: string, workReadOnly: boolean) => ({
    name,
    image: station.image,
    command: ['/usr/bin/perl', '-e', bootstrap],
    workingDir: '/work',
    stdin: true,
    stdinOnce: true, // it ends with the first connection that fed it
    // Requests equal limits: of all pods on a node that is short of memory, these go last.
    resources: { requests: quantities, limits: quantities },
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: mounts(workReadOnly),
  })
  const marks = { [labels.app]: appName, [labels.owner]: station.owner, [labels.sandbox]: station.name }
  const seconds = settings.startSeconds + settings.lifeSeconds + deadlineSlackSeconds
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: station.name, namespace: settings.namespace, labels: marks },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 0, // another attempt is the platform's to decide, never the cluster's
      activeDeadlineSeconds: seconds,
      ttlSecondsAfterFinished: keptSeconds,
      template: {
        metadata: { labels: marks },
        spec: {
          restartPolicy: 'Never',
          os: { name: 'linux' },
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          ...(settings.runtimeClass === null ? {} : { runtimeClassName: settings.runtimeClass }),
          ...(settings.userNamespaces ? { hostUsers: false } : {}),
          ...(settings.imagePullSecret === null ? {} : { imagePullSecrets: [{ name: settings.imagePullSecret }] }),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          hostNetwork: false,
          hostPID: false,
          hostIPC: false,
          shareProcessNamespace: false,
          hostname: 'crucible',
          dnsPolicy: 'None',
          dnsConfig: { nameservers: ['127.0.0.1'] }, // where nobody listens; one must be named
          terminationGracePeriodSeconds: 0,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: station.user,
            runAsGroup: station.user,
            seccompProfile: { type: 'RuntimeDefault' }, // under our own filter, which allows less
          },
          initContainers: [container(loadContainer, false)],
          containers: [container(programContainer, station.sealed)],
          volumes: [
            memoryVolume('work', station.workBytes),
            memoryVolume('scratch', station.scratchBytes),
            memoryVolume('memory', Math.min(station.scratchBytes, sharedMemoryBytesMax)),
          ],
        },
      },
    },
  }
}

/** In memory, because only then does its size refuse a write; one on disk is measured now and then, and its pod evicted. */
function memoryVolume(name: string, bytes: number): object {
  return { name, emptyDir: { medium: 'Memory', sizeLimit: String(bytes) } }
}
