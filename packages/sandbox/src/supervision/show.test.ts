import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveShown } from './show.ts'

let root: string
const at = (path: string) => join(root, path)
const shown = (...paths: string[]) => {
  const { links, binds } = resolveShown(paths.map(at))
  const relative = (path: string) => path.replace(root, '')
  return {
    links: Object.fromEntries([...links].map(([path, to]) => [relative(path), relative(to)])),
    binds: binds.map(({ inside }) => relative(inside)),
  }
}
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'crucible-show-'))
  for (const directory of ['usr/bin', 'usr/lib/jvm/bin', 'alternatives']) mkdirSync(at(directory), { recursive: true })
  writeFileSync(at('usr/bin/python3.11'), '')
  writeFileSync(at('usr/lib/jvm/bin/java'), '')
  symlinkSync('usr/bin', at('bin'))
  symlinkSync('python3.11', at('usr/bin/python3'))
  symlinkSync(at('alternatives/java'), at('usr/bin/java'))
  symlinkSync('../usr/lib/jvm/bin/java', at('alternatives/java'))
  symlinkSync('loop', at('loop'))
})
afterAll(() => rmSync(root, { recursive: true }))

test('a link is made again and what it leads to is bound', () => {
  expect(shown('usr/bin/python3')).toEqual({ links: { '/usr/bin/python3': 'python3.11' }, binds: ['/usr/bin/python3.11'] })
})
test('a linked directory on the way is made again', () => {
  expect(shown('bin/python3.11')).toEqual({ links: { '/bin': 'usr/bin' }, binds: ['/usr/bin/python3.11'] })
})
test('a chain through alternatives is kept whole', () => {
  expect(shown('usr/bin/java')).toEqual({
    links: { '/usr/bin/java': '/alternatives/java', '/alternatives/java': '../usr/lib/jvm/bin/java' },
    binds: ['/usr/lib/jvm/bin/java'],
  })
})
test('what lies in a directory that is shown anyway costs no mount of its own', () => {
  expect(shown('usr/bin/java', 'usr/bin', 'usr/lib/jvm')).toEqual({
    links: { '/alternatives/java': '../usr/lib/jvm/bin/java' },
    binds: ['/usr/bin', '/usr/lib/jvm'],
  })
})
test('a missing path, a loop and a window into the host are faults', () => {
  expect(() => shown('usr/bin/none')).toThrow('does not exist')
  expect(() => shown('loop')).toThrow('too many symbolic links')
  for (const path of ['/', '/proc', '/proc/1', '/sys/kernel', '/dev/sda', '/etc', '/work/x', 'relative', '/usr/../etc']) {
    expect(() => resolveShown([path])).toThrow('cannot be shown')
  }
})
