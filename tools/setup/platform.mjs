import { Stop } from './report.mjs'

/**
 * Stops where no sandbox can be built: the engines stand on namespaces and seccomp of the Linux kernel.
 * @param {{ platform: NodeJS.Platform, arch: NodeJS.Architecture }} machine
 */
export function requirePlatform({ platform, arch } = process) {
  if (platform !== 'linux')
    throw new Stop(
      `Crucible cannot sandbox programs on ${platform}: run it in a Linux machine or virtual machine, and use \`crucible --url\` from here.`,
    )
  if (arch !== 'x64' && arch !== 'arm64')
    throw new Stop(
      `Crucible has no system-call filter for ${arch} and will not run programs without one: use an x64 or arm64 machine.`,
    )
}
