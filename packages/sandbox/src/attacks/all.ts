import type { Attack, Family } from './attack.ts'
import { compileAttacks } from './families/compile.ts'
import { escapeAttacks } from './families/escape.ts'
import { exhaustionAttacks } from './families/exhaustion.ts'
import { filesAttacks } from './families/files.ts'
import { forgeryAttacks } from './families/forgery.ts'
import { informationAttacks } from './families/information.ts'
import { networkAttacks } from './families/network.ts'
import { outputAttacks } from './families/output.ts'
import { privilegeAttacks } from './families/privilege.ts'
import { trapsAttacks } from './families/traps.ts'

/** Adding an attack is adding an entry to the file of its family. */
export const attacks: Readonly<Record<Family, readonly Attack[]>> = {
  escape: escapeAttacks,
  privilege: privilegeAttacks,
  network: networkAttacks,
  files: filesAttacks,
  exhaustion: exhaustionAttacks,
  compile: compileAttacks,
  information: informationAttacks,
  forgery: forgeryAttacks,
  output: outputAttacks,
  traps: trapsAttacks,
}

/** Those that mean something on this machine's architecture. */
export const applicable = (family: Family): readonly Attack[] =>
  attacks[family].filter(({ architecture }) => architecture === undefined || architecture === process.arch)
