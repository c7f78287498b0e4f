import table from './syscalls.json' with { type: 'json' }

/** The processors whose system call numbers we know; `process.arch` on any other refuses the engine. */
export const architectures = ['x64', 'arm64'] as const
export type Architecture = (typeof architectures)[number]

export type SyscallName = keyof typeof table

/** The number of a system call, or null where this processor has no such call. */
export function syscallNumber(name: SyscallName, architecture: Architecture): number | null {
  return table[name][architectures.indexOf(architecture)] ?? null
}

/** For the calls that our own Perl makes by number: they exist on both processors or the engine is broken. */
export function requiredNumber(name: SyscallName, architecture: Architecture): number {
  const found = syscallNumber(name, architecture)
  if (found === null) throw new Error(`System call ${name} has no number on ${architecture}.`)
  return found
}

export function knownArchitecture(name: string): Architecture | null {
  return architectures.find((known) => known === name) ?? null
}
