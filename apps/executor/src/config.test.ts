import { engines } from '@crucible/sandbox'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const least = ['--socket', '/run/x.sock', '--token-file', '/run/token', '--state', '/var/lib/x']

test('the least that must be said', () => {
  expect(readConfig(least)).toMatchObject({ socket: '/run/x.sock', engine: 'namespaces', 'allow-unsafe-engine': false })
})

test('everything that can be said', () => {
  const argv = [
    '--listen',
    '[::1]:7000',
    '--token-file',
    '/t',
    '--state',
    '/s',
    '--slots',
    '4',
    '--engine',
    'process',
    '--allow-unsafe-engine',
  ]
  expect(readConfig([...argv, '--uid-base', '200000'])).toMatchObject({
    listen: { host: '::1', port: 7000 },
    slots: 4,
    'uid-base': 200_000,
  })
  expect(readConfig([...least, '--socket-owner', '1000'])['socket-owner']).toEqual({ uid: 1000, gid: 1000 })
  expect(readConfig([...least, '--socket-owner', '1000:100'])['socket-owner']).toEqual({ uid: 1000, gid: 100 })
})

test('every engine of the catalogue can be chosen, with the settings that it alone reads', () => {
  for (const { name, settings } of engines) {
    const given = Object.fromEntries(Object.keys(settings).map((flag) => [flag, 'value']))
    const argv = Object.entries(given).flatMap(([flag, value]) => [`--${flag}`, value])
    expect(readConfig([...least, '--engine', name, ...argv])).toMatchObject({ engine: name, settings: given })
  }
})

test.for([
  [[], 'token-file'],
  [['--listen', 'x:1', ...least], 'either --socket or --listen'],
  [[...least, '--slots', 'many'], '--slots'],
  [[...least, '--slots', '0'], '--slots'],
  [[...least, '--engine', 'chroot'], '--engine'],
  [[...least, '--engine', 'oci', '--gvisor-platform', 'ptrace'], '--gvisor-platform is read by the engine gvisor alone'],
  [[...least, '--engine', 'oci', '--oci-runtime', ''], '--oci-runtime'],
  [[...least, '--uid-base', '0'], '--uid-base'],
  [[...least, '--colour', 'red'], '--colour'],
  [[...least, 'stray'], 'stray'],
  [['--socket', 'relative', '--token-file', '/t', '--state', '/s'], '--socket'],
] as const)('%j stops the start and is named', ([argv, named]) => {
  expect(() => readConfig(argv)).toThrow(named)
})
