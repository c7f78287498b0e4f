import { readFileSync } from 'node:fs'
import { Obstacle } from '../../obstacle.ts'

type Kernel = { readonly read: (path: string) => string | null }
const kernel: Kernel = {
  read: (path) => {
    try {
      return readFileSync(path, 'utf8').trim()
    } catch {
      return null // this kernel has no such setting
    }
  },
}

const appArmorProfile = `abi <abi/4.0>,
include <tunables/global>
profile bwrap /usr/bin/bwrap flags=(unconfined) {
  userns,
}`

/** The usual reasons for which a namespace is refused, most specific first. */
export function explainRefusal(cause: unknown, { read }: Kernel = kernel): Obstacle {
  const seen = `A sandbox cannot be made on this machine: ${cause instanceof Error ? cause.message : String(cause)}`
  if (read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return new Obstacle(
      `${seen} AppArmor restricts user namespaces.`,
      `Allow them to bubblewrap: write this to /etc/apparmor.d/bwrap and run "sudo apparmor_parser -r /etc/apparmor.d/bwrap":\n${appArmorProfile}\n` +
        'An executor that does not run as root also needs "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0".',
      { cause },
    )
  }
  if (read('/proc/sys/kernel/unprivileged_userns_clone') === '0') {
    const remedy = 'Run "sudo sysctl kernel.unprivileged_userns_clone=1".'
    return new Obstacle(`${seen} The kernel refuses user namespaces to ordinary users.`, remedy, { cause })
  }
  if (read('/proc/sys/user/max_user_namespaces') === '0') {
    const remedy = 'Run "sudo sysctl user.max_user_namespaces=10000".'
    return new Obstacle(`${seen} The kernel allows no user namespaces.`, remedy, { cause })
  }
  const remedy =
    'In a container, allow it to make namespaces (Docker: --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cap-add SYS_ADMIN), or run on the host.'
  return new Obstacle(seen, remedy, { cause })
}
