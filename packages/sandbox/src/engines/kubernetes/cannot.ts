import { keeperBytes, movedBytesMax } from './sandbox.ts'
import type { KubernetesSettings } from './settings.ts'

const mebibytes = (bytes: number) => `${bytes / 2 ** 20} MiB`

/** What an operator has to know before this engine is chosen. */
export function cannotOf(settings: KubernetesSettings): readonly string[] {
  return [
    settings.runtimeClass === null
      ? 'Without a RuntimeClass sandboxes share the kernel of their node, also with whatever else runs there.'
      : `That the RuntimeClass ${settings.runtimeClass} isolates as promised is the operator's word: no API of a cluster tells.`,
    'It has been run against a simulated API server only, never against a real cluster.',
    'It cannot see whether the network plugin enforces policies; before a pod gets a program, it waits until the API of the cluster cannot be reached from it.',
    `The memory limit is the node's, for the program and our ${mebibytes(keeperBytes)} beside it, plus the files put into the work directory.`,
    'The number of files in the work directory and in /tmp is bounded only by the memory that they take.',
    'On nodes with cgroups of version 1, what sockets hold is no part of the memory limit.',
    'The number of processes is bounded by an rlimit of the pod’s user and sampled, so a refused fork is not always named as the reason of the end; Kubernetes has no such limit of its own in a pod.',
    'A cluster that is out of memory as a whole may kill a program and say that its own limit was passed.',
    'When memory runs out, what the program changed in an unsealed work directory is lost, and its CPU time is not known.',
    `Between pods at most ${mebibytes(movedBytesMax)} of a work directory move, without sockets, named pipes and paths over 4,096 bytes; hard links become copies.`,
    'Every new pod costs what the cluster takes to start one, often seconds; tests of one program share a pod while they leave nothing in it.',
    'Output passes through the log of the pod, so whoever collects the logs of the nodes collects it too, encoded.',
    'Host paths are not shown: programs must lie in the image where they lie on the executor’s machine.',
    'A pod has terminals of its own (/dev/ptmx) and shows /sys and the names of its cgroups, as container runtimes make it.',
    'Kernel version, node name of the kernel and hardware of the node can be seen in /proc, unless the RuntimeClass hides them.',
  ]
}
