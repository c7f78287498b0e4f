/** How far a program was from the machine, in the words of `Engine.isolation`. */
export const isolationWords: Readonly<Record<string, string>> = {
  none: 'Made without isolation: the program could reach everything its user can. Do not trust a verdict on hostile code.',
  process: 'Process isolation: limits of an ordinary process, no walls of its own.',
  'kernel-shared': 'Sandboxed: own namespaces, no network, filtered system calls, on a kernel shared with the host.',
  'kernel-private': 'Sandboxed: a kernel of its own between the program and the host.',
}
