/**
 * Names of containers that follow from the state directory and the slot. Nothing may be listed through the daemon, so what a
 * killed executor left is found by the names that it must have had.
 */
export type Names = { readonly keeper: string; readonly runs: readonly [string, string] }

export const namesOf = (id: string, slot: number): Names => ({
  keeper: `crucible-${id}-${slot}-work`,
  runs: [`crucible-${id}-${slot}-a`, `crucible-${id}-${slot}-b`],
})

export const allNames = (id: string, slots: number): string[] =>
  Array.from({ length: slots }, (_, slot) => namesOf(id, slot)).flatMap(({ keeper, runs }) => [...runs, keeper])
