import type { CgroupDriver } from './driver.ts'

/** No cgroup may be made: memory and CPU are sampled, processes bounded by a resource limit. Declared, never silent. */
export function noCgroups(): CgroupDriver {
  return {
    mechanisms: { memory: 'sampled', cpu: 'sampled', processes: 'rlimit' },
    name: () => null,
  }
}
