import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type Finding = { readonly level: 'ok' | 'warning' | 'error'; readonly text: string; readonly remedy: string | null }

/** What can be asked about a machine; replaced in tests to be other machines. */
export type Machine = {
  readonly platform: string
  readonly nodeVersion: string
  readonly path: string
  readonly isExecutable: (file: string) => boolean
  readonly read: (file: string) => string | undefined // undefined: there is no such file
}

/**
 * What this machine lacks for the namespaces engine, as far as files tell. Whether the isolation holds is for the
 * executor's own self-test: this only finds the causes that stop it before.
 */
export const checkMachine = (machine: Machine): Finding[] =>
  machine.platform === 'linux'
    ? [node(machine), bubblewrap(machine), userNamespaces(machine), memoryLimits(machine)]
    : [
        node(machine),
        {
          level: 'error',
          text: `sandboxes need Linux; this is ${machine.platform}`,
          remedy: 'Run the server in a Linux virtual machine; the CLI works from here with CRUCIBLE_URL.',
        },
      ]

function node({ nodeVersion }: Machine): Finding {
  const isNew = Number(nodeVersion.split('.')[0]) >= 24
  return isNew
    ? { level: 'ok', text: `Node ${nodeVersion}`, remedy: null }
    : { level: 'error', text: `Node ${nodeVersion}; 24 is needed`, remedy: 'npm install' }
}

function bubblewrap({ path, isExecutable }: Machine): Finding {
  const found = path
    .split(delimiter)
    .map((folder) => join(folder, 'bwrap'))
    .find(isExecutable)
  return found === undefined
    ? { level: 'error', text: 'bubblewrap is not installed', remedy: 'sudo apt-get install -y bubblewrap' }
    : { level: 'ok', text: `bubblewrap at ${found}`, remedy: null }
}

/** Three switches that distributions use to forbid them, in the order in which they bite. */
function userNamespaces({ read }: Machine): Finding {
  const number = (file: string) => Number(read(file)?.trim() ?? Number.NaN)
  if (number('/proc/sys/kernel/unprivileged_userns_clone') === 0)
    return {
      level: 'error',
      text: 'unprivileged user namespaces are switched off',
      remedy: 'sudo sysctl -w kernel.unprivileged_userns_clone=1',
    }
  if (number('/proc/sys/user/max_user_namespaces') === 0)
    return { level: 'error', text: 'no user namespaces are allowed', remedy: 'sudo sysctl -w user.max_user_namespaces=15000' }
  if (number('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === 1)
    return {
      level: 'warning',
      text: 'AppArmor lets only profiled programs use user namespaces (Ubuntu 23.10 and later)',
      remedy: 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or load an AppArmor profile for bwrap',
    }
  return { level: 'ok', text: 'user namespaces are allowed', remedy: null }
}

function memoryLimits({ read }: Machine): Finding {
  const v2 = read('/sys/fs/cgroup/cgroup.controllers')
  if (v2?.split(/\s+/).includes('memory')) return { level: 'ok', text: 'cgroup v2 with the memory controller', remedy: null }
  if (read('/sys/fs/cgroup/memory/memory.limit_in_bytes') !== undefined)
    return { level: 'ok', text: 'cgroup v1 with the memory controller, for an executor that root starts', remedy: null }
  return { level: 'warning', text: 'no memory controller is visible: memory limits are approximate', remedy: null }
}

export const thisMachine = (path: string): Machine => ({
  platform: process.platform,
  nodeVersion: process.versions.node,
  path,
  isExecutable: (file) => attempt(() => accessSync(file, constants.X_OK) ?? true) === true,
  read: (file) => attempt(() => readFileSync(file, 'utf8')),
})

function attempt<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    return undefined
  }
}
