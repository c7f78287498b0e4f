/** cgroup v2: one tree, in which one group bounds and counts everything. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Cgroup, CgroupDriver } from './driver.ts'
import { readKeyed, readMembers, readNumber, readOptionalNumber, readText, writeValue } from './files.ts'

/** `parent` is an existing directory that belongs to this executor alone, with memory and pids enabled for its children. */
export function cgroupsV2(parent: string): CgroupDriver {
  return {
    mechanisms: { memory: 'cgroup-v2', cpu: 'cgroup-v2', processes: 'cgroup-v2' },
    name: (name) => groupV2(join(parent, name)),
  }
}

function groupV2(directory: string): Cgroup {
  return {
    directories: [directory],
    limit({ memoryBytes, processes }) {
      writeValue(directory, 'memory.max', memoryBytes)
      if (existsSync(join(directory, 'memory.swap.max'))) writeValue(directory, 'memory.swap.max', 0)
      writeValue(directory, 'pids.max', processes)
    },
    read: () => ({
      cpuUserMs: readKeyed(directory, 'cpu.stat', 'user_usec') / 1000,
      cpuSystemMs: readKeyed(directory, 'cpu.stat', 'system_usec') / 1000,
      oomKills: readKeyed(directory, 'memory.events', 'oom_kill'),
      processesRefused: readKeyed(directory, 'pids.events', 'max') > 0,
      processesPeak: readOptionalNumber(directory, 'pids.peak'),
    }),
    readMemoryBytes: () => readNumber(directory, 'memory.current'),
    readMemoryPeakBytes: () => readOptionalNumber(directory, 'memory.peak'),
    readIo: () => readIoV2(directory),
    resetMemoryPeak: () => false, // newer kernels can, through a descriptor kept open
    members: () => readMembers(directory),
  }
}

/** `8:0 rbytes=4096 wbytes=0 rios=1 …`, a line for each disk that was used. */
function readIoV2(directory: string) {
  const text = readText(directory, 'io.stat')
  if (text === null) return null
  const sumOf = (key: string) =>
    [...text.matchAll(new RegExp(`\\b${key}=(\\d+)`, 'g'))].reduce((sum, [, n]) => sum + Number(n), 0)
  return { readBytes: sumOf('rbytes'), writtenBytes: sumOf('wbytes') }
}
