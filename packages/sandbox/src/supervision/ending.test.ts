import { expect, test } from 'vitest'
import type { Limits } from '../spec.ts'
import { type Evidence, reasonOf } from './ending.ts'

const limits: Limits = { wallMs: 1000, cpuMs: 500, memoryBytes: 1, processes: 1, outputBytes: 1, diskBytes: 1 }
const fine: Evidence = {
  intervention: null,
  exitCode: 0,
  signal: null,
  wallMs: 10,
  cpuMs: 10,
  outputExceeded: false,
  oomKills: 0,
  processesRefused: false,
  diskFull: false,
}
const reason = (seen: Partial<Evidence>) => reasonOf({ ...fine, ...seen }, limits)
const killed = { exitCode: null, signal: 9 }

test.each<[string, Partial<Evidence>, string]>([
  ['ends by itself', {}, 'exited'],
  ['ends by itself with a failure', { exitCode: 1 }, 'exited'],
  ['dies by a signal', { exitCode: null, signal: 11 }, 'signalled'],
  ['dies by a plain SIGKILL', killed, 'signalled'],
  ['dies by a SIGKILL of the kernel for memory', { ...killed, oomKills: 1 }, 'memory'],
  [
    'was killed by us while the kernel killed a part of it for memory',
    { ...killed, intervention: 'wall_time', oomKills: 1 },
    'memory',
  ],
  ['was cancelled, whatever else happened', { ...killed, intervention: 'cancelled', oomKills: 1 }, 'cancelled'],
  ['makes a forbidden call', { exitCode: null, signal: 31 }, 'violation'],
  ['meets its CPU resource limit', { exitCode: null, signal: 24 }, 'cpu_time'],
  ['ended between two looks, over its CPU time', { cpuMs: 501 }, 'cpu_time'],
  ['ended before the kill came, over its wall time', { wallMs: 1001 }, 'wall_time'],
  ['wrote too much and ended', { outputExceeded: true }, 'output'],
  ['wrote too large a file', { exitCode: null, signal: 25 }, 'disk'],
  ['fails on a full disk', { exitCode: 1, diskFull: true }, 'disk'],
  ['succeeds on a full disk', { diskFull: true }, 'exited'],
  ['fails after a refused fork', { exitCode: 1, processesRefused: true }, 'processes'],
  ['succeeds after a refused fork', { processesRefused: true }, 'exited'],
])('a program that %s', (_name, seen, expected) => {
  expect(reason(seen)).toBe(expected)
})
