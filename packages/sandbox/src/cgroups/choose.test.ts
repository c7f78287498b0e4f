import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chooseCgroups } from './choose.ts'
import { cgroupsV1 } from './v1.ts'
import { cgroupsV2 } from './v2.ts'

// A tree of plain files stands in for the kernel's where this machine has no such cgroups; the real ones of this machine
// are what engine.test.ts runs on.
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crucible-cgroups-'))
})
afterEach(() => rmSync(root, { recursive: true }))
const put = (path: string, text: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const around = (membership: string, mounts: string) => ({ membership, mounts, uid: process.geteuid?.() ?? -1 })

test('cgroup v2 with its controllers is preferred, in this process’s own group', async () => {
  put('user.slice/me.scope/cgroup.controllers', 'cpu memory pids\n')
  put('user.slice/me.scope/cgroup.procs', '')
  const mounts = `30 20 0:26 / ${root} rw,nosuid - cgroup2 cgroup2 rw\n`
  const chosen = await chooseCgroups(around('0::/user.slice/me.scope\n', mounts), 'crucible-x')
  expect(chosen.driver.mechanisms.memory).toBe('cgroup-v2')
  expect(chosen.directories).toEqual([join(root, 'user.slice/me.scope/crucible-x')])
  expect(read('user.slice/me.scope/cgroup.subtree_control')).toBe('+memory +pids')
})

test('what a v2 group has read and written is counted where the machine has a controller for it, and unknown elsewhere', async () => {
  put('cgroup.controllers', 'cpu io memory pids\n')
  const mounts = `30 20 0:26 / ${root} rw - cgroup2 cgroup2 rw\n`
  const { driver } = await chooseCgroups(around('0::/\n', mounts), 'crucible-x')
  expect(read('cgroup.subtree_control')).toBe('+memory +pids +io')
  expect(driver.name('a')?.readIo()).toBeNull()
  put('crucible-x/a/io.stat', '8:0 rbytes=4096 wbytes=0 rios=1 wios=0\n253:1 rbytes=1 wbytes=512 rios=1 wios=1\n')
  expect(driver.name('a')?.readIo()).toEqual({ readBytes: 4097, writtenBytes: 512 })
})

test('a v2 mount without controllers beside v1 leads to v1', async () => {
  put('unified/cgroup.controllers', 'hugetlb\n')
  for (const controller of ['memory', 'pids', 'cpuacct']) put(`${controller}/cgroup.procs`, '')
  const v1 = ['memory', 'pids', 'cpu,cpuacct'].map(
    (name, n) => `3${n} 20 0:2${n} / ${root}/${name.split(',').at(-1)} rw - cgroup cgroup rw,${name}\n`,
  )
  const mounts = `40 20 0:40 / ${root}/unified rw - cgroup2 cgroup2 rw\n${v1.join('')}`
  const chosen = await chooseCgroups(around('3:memory:/\n2:pids:/\n1:cpu,cpuacct:/\n0::/\n', mounts), 'crucible-x')
  expect(chosen.driver.mechanisms).toEqual({ memory: 'cgroup-v1', cpu: 'cgroup-v1', processes: 'cgroup-v1' })
  expect(chosen.directories.length).toBe(3)
})

test('a container that sees the host’s path of its group uses the part that it has mounted', async () => {
  put('cgroup.controllers', 'memory pids\n')
  const chosen = await chooseCgroups(
    around('0::/docker/abc\n', `30 20 0:26 /docker/abc ${root} rw - cgroup2 cgroup2 rw\n`),
    'crucible-x',
  )
  expect(chosen.directories).toEqual([join(root, 'crucible-x')])
})

test('without any cgroup the engine samples, and says so', async () => {
  const chosen = await chooseCgroups(around('', ''), 'crucible-x')
  expect(chosen.driver.mechanisms).toEqual({ memory: 'sampled', cpu: 'sampled', processes: 'rlimit' })
  expect(chosen.driver.name('a')).toBeNull()
  expect(chosen.findings[0]).toMatchObject({ level: 'warning', remedy: expect.stringContaining('systemd-run') })
})

test('v2 limits and readings are the files that the kernel documents', async () => {
  const group = cgroupsV2(root).name('run')
  if (!group) throw new Error('v2 always names a group')
  mkdirSync(join(root, 'run'))
  put('run/memory.swap.max', 'max\n')
  group.limit({ memoryBytes: 1000, processes: 7 })
  expect([read('run/memory.max'), read('run/memory.swap.max'), read('run/pids.max')]).toEqual(['1000', '0', '7'])
  put('run/cpu.stat', 'usage_usec 3000\nuser_usec 2000\nsystem_usec 1000\n')
  put('run/memory.events', 'low 0\noom 1\noom_kill 2\n')
  put('run/pids.events', 'max 3\n')
  put('run/pids.peak', '5\n')
  put('run/memory.peak', '4096\n')
  put('run/cgroup.procs', '12\n34\n')
  expect(group.read()).toEqual({ cpuUserMs: 2, cpuSystemMs: 1, oomKills: 2, processesRefused: true, processesPeak: 5 })
  expect(group.readMemoryPeakBytes()).toBe(4096)
  expect(group.members()).toEqual([12, 34])
})

test('v1 bounds memory and swap together where swap is counted, and memory alone where it is not', async () => {
  for (const controller of ['memory', 'pids', 'cpuacct']) mkdirSync(join(root, controller))
  const driver = cgroupsV1({ memory: join(root, 'memory'), pids: join(root, 'pids'), cpuacct: join(root, 'cpuacct') })
  const group = driver.name('run')
  if (!group) throw new Error('v1 always names a group')
  for (const directory of group.directories) mkdirSync(directory)
  group.limit({ memoryBytes: 1000, processes: 7 })
  expect(read('memory/run/memory.limit_in_bytes')).toBe('1000')
  put('memory/run/memory.memsw.limit_in_bytes', '9223372036854771712\n')
  group.limit({ memoryBytes: 2000, processes: 7 })
  expect(read('memory/run/memory.memsw.limit_in_bytes')).toBe('2000')
  put('cpuacct/run/cpuacct.usage_user', '2000000\n')
  put('cpuacct/run/cpuacct.usage_sys', '1000000\n')
  put('memory/run/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n')
  put('memory/run/memory.max_usage_in_bytes', '8192\n')
  expect(group.read()).toEqual({ cpuUserMs: 2, cpuSystemMs: 1, oomKills: 1, processesRefused: false, processesPeak: null })
  expect(group.readMemoryPeakBytes()).toBe(8192)
})
