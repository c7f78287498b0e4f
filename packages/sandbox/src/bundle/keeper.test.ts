import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EngineFault } from '../engine.ts'
import { knownArchitecture } from '../supervision/syscalls.ts'
import { type Keeper, startKeeper, uidsPerSlot } from './keeper.ts'
import { atKeeper } from './places.ts'

const uids = 1_740_030_000
const words = `${atKeeper.station}/words` as const

describe.runIf(process.geteuid?.() === 0)('a keeper and its cell', () => {
  let base: string
  let keeper: Keeper
  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), 'crucible-keeper-'))
    const architecture = knownArchitecture(process.arch) ?? 'x64'
    const sizes = { diskBytes: 2 ** 20, inodes: 100 }
    keeper = await startKeeper({ perl: '/usr/bin/perl', architecture, uids, ...sizes, base, needs: ['hidden-cgroups'] })
  })
  afterEach(async () => {
    await keeper.close()
    rmSync(base, { recursive: true })
  })
  const shell = async (script: string): Promise<[code: number, said: string]> => {
    const code = await keeper.run(['r:/dev/null', `a:${words}`, `a:${words}`], ['/bin/sh', '-c', script])
    return [code, readFileSync(keeper.root + words, 'utf8')]
  }

  test('root of the cell is nobody on the host', async () => {
    expect(await shell('echo x > /proc/sys/kernel/core_pattern')).toEqual([2, expect.stringContaining('Permission denied')])
    expect(await shell('cat /etc/shadow; touch /usr/mark /run/base/mark; mknod /run/state/node b 8 0')).toEqual([
      1,
      expect.not.stringContaining('root:'),
    ])
    expect(existsSync('/usr/mark')).toBe(false)
  })
  test('the cell has no network, no process of the host and no cgroups', async () => {
    const [, said] = await shell(
      'cat /proc/net/dev | tail -n +3 | cut -d: -f1; echo /sys/fs/cgroup/*; ls -d /proc/[0-9]* | wc -l',
    )
    expect(said.split('\n').map((line) => line.trim())).toEqual(['lo', '/sys/fs/cgroup/*', expect.stringMatching(/^[1-9]$/), ''])
  })
  test('a command tells its code, or the signal that ended it', async () => {
    expect(await shell('exit 7')).toEqual([7, ''])
    expect((await shell('kill -9 $$'))[0]).toBe(137)
    expect(await keeper.run([], ['/there/is/none'])).toBe(127)
  })
  test('what a command leaves behind is ended by kill, also when it ignores signals and multiplies', async () => {
    await shell('trap "" TERM HUP INT; for i in 1 2 3 4 5 6 7 8; do (setsid sh -c "while :; do sleep 100 & wait; done" &) ; done')
    expect(inhabitants().length).toBeGreaterThan(8)
    await keeper.kill()
    expect(inhabitants()).toHaveLength(1) // the cell itself
  })
  test('with the keeper goes everything', async () => {
    await shell('setsid sleep 1000 &')
    await keeper.close()
    expect(inhabitants()).toEqual([])
    await expect(keeper.kill()).rejects.toThrow(EngineFault)
  })
  test('the work directory has its size, and the programs’ user', async () => {
    const { uid, mode } = statSync(keeper.root + atKeeper.work)
    expect([uid, mode & 0o777]).toEqual([uids, 0o700])
    expect((await shell('head -c 2000000 /dev/zero > /run/work/big'))[1]).toContain('No space left')
  })
})

const inhabitants = () =>
  readdirSync('/proc').filter((pid) => {
    const uid = /^\d+$/.test(pid) ? statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid : undefined
    return uid !== undefined && uid >= uids && uid < uids + uidsPerSlot
  })
