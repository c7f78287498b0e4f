/** Where things are in the keeper's file system, and what programs see of them. */
export const atKeeper = {
  base: '/run/base', // read-only, the same for all sandboxes
  devices: '/run/devices',
  work: '/run/work',
  shown: '/run/shown',
  roots: '/run/rootfs',
  bundle: '/run/bundle',
  state: '/run/state', // the runtime's own
  cgroupNamespace: '/run/cgroup-namespace',
  station: '/run/station', // pipes and files of the run that goes on
} as const

export const workDirectory = '/work'
export const scratchDirectory = '/tmp'
/** Where a runtime that cannot hand over descriptors shows the station, for root of the sandbox's own kernel alone. */
export const stationInside = '/.crucible-station'
