/** cgroup v1: one tree for each controller. `memory` and `pids` bound, `cpuacct` counts. */
import { join } from 'node:path'
import type { Cgroup, CgroupDriver } from './driver.ts'
import { readKeyed, readMembers, readNumber, readOptionalNumber, writeValue } from './files.ts'

export const controllersV1 = ['memory', 'pids', 'cpuacct'] as const
export type DirectoriesV1 = Readonly<Record<(typeof controllersV1)[number], string>>

/** `parents` are existing directories that belong to this executor alone. */
export function cgroupsV1(parents: DirectoriesV1): CgroupDriver {
  return {
    mechanisms: { memory: 'cgroup-v1', cpu: 'cgroup-v1', processes: 'cgroup-v1' },
    name: (name) =>
      groupV1({ memory: join(parents.memory, name), pids: join(parents.pids, name), cpuacct: join(parents.cpuacct, name) }),
  }
}

const socketBytesMax = 8 * 1024 * 1024

function groupV1(directories: DirectoriesV1): Cgroup {
  const { memory, pids, cpuacct } = directories
  return {
    directories: Object.values(directories),
    limit({ memoryBytes, processes }) {
      // Memory and swap together, so that swapping does not stretch the limit; absent where swap is not accounted. The
      // kernel refuses the one below the other, so a group that is bounded anew is first bounded by the wider of the two.
      const both = readOptionalNumber(memory, 'memory.memsw.limit_in_bytes')
      if (both !== null && both < memoryBytes) writeValue(memory, 'memory.memsw.limit_in_bytes', memoryBytes)
      writeValue(memory, 'memory.limit_in_bytes', memoryBytes)
      if (both !== null && both > memoryBytes) writeValue(memory, 'memory.memsw.limit_in_bytes', memoryBytes)
      // Buffers of internet sockets are no part of that limit here, and once a run of 64 MiB held 2.2 GiB of them: all that
      // the kernel grants the whole machine. They have a limit of their own, which each socket may pass by a little.
      if (readOptionalNumber(memory, 'memory.kmem.tcp.limit_in_bytes') !== null) {
        writeValue(memory, 'memory.kmem.tcp.limit_in_bytes', Math.min(memoryBytes, socketBytesMax))
      }
      writeValue(pids, 'pids.max', processes)
    },
    read: () => ({
      cpuUserMs: readNumber(cpuacct, 'cpuacct.usage_user') / 1e6,
      cpuSystemMs: readNumber(cpuacct, 'cpuacct.usage_sys') / 1e6,
      oomKills: readKeyed(memory, 'memory.oom_control', 'oom_kill'),
      processesRefused: readKeyed(pids, 'pids.events', 'max') > 0,
      processesPeak: readOptionalNumber(pids, 'pids.peak'),
    }),
    readMemoryBytes: () => readNumber(memory, 'memory.usage_in_bytes'),
    readMemoryPeakBytes: () =>
      readOptionalNumber(memory, 'memory.memsw.max_usage_in_bytes') ?? readOptionalNumber(memory, 'memory.max_usage_in_bytes'),
    // A hierarchy of its own, `blkio`: one more group to make, join and remove for each run, which costs more than it tells.
    readIo: () => null,
    resetMemoryPeak() {
      writeValue(memory, 'memory.max_usage_in_bytes', 0)
      if (readOptionalNumber(memory, 'memory.memsw.max_usage_in_bytes') !== null) {
        writeValue(memory, 'memory.memsw.max_usage_in_bytes', 0)
      }
      return true
    },
    members: () => readMembers(pids),
  }
}
