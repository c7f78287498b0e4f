import { expect, test } from 'vitest'
import { checkMachine, type Machine } from './local-checks.ts'

const machine = (changes: Partial<Machine> & { files?: Record<string, string> }): Machine => ({
  platform: 'linux',
  nodeVersion: '24.21.0',
  path: '/usr/local/bin:/usr/bin',
  isExecutable: (file) => file === '/usr/bin/bwrap',
  read: (file) => ({ '/sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n', ...changes.files })[file],
  ...changes,
})
const levels = (changes: Parameters<typeof machine>[0]) => checkMachine(machine(changes)).map(({ level }) => level)
const remedies = (changes: Parameters<typeof machine>[0]) => checkMachine(machine(changes)).flatMap(({ remedy }) => remedy ?? [])

test('a machine that has everything is told so', () => expect(levels({})).toEqual(['ok', 'ok', 'ok', 'ok']))
test('missing bubblewrap names the command that installs it', () => {
  expect(remedies({ isExecutable: () => false })).toEqual(['sudo apt-get install -y bubblewrap'])
})
test.each([
  ['Debian’s switch', { '/proc/sys/kernel/unprivileged_userns_clone': '0\n' }, 'kernel.unprivileged_userns_clone=1'],
  ['no namespaces allowed', { '/proc/sys/user/max_user_namespaces': '0\n' }, 'user.max_user_namespaces'],
  [
    'Ubuntu’s AppArmor restriction',
    { '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n' },
    'apparmor_restrict_unprivileged_userns=0',
  ],
])('%s is recognised and what mends it is named', (_, files, remedy) => expect(remedies({ files }).join()).toContain(remedy))
test('a platform without sandboxes is told where to run the server', () =>
  expect(levels({ platform: 'darwin' })).toEqual(['ok', 'error']))
test('limits that can only be approximated are a warning', () =>
  expect(levels({ read: () => undefined })).toEqual(['ok', 'ok', 'ok', 'warning']))
