import type { Owner } from '../attack.ts'

export type Placing = {
  readonly directory: string // of this attack alone; everybody may enter and write
  readonly nonce: string
  readonly secret: string // whoever gets at the decoy gets this
  readonly owners: readonly Owner[]
}

export type Decoy = {
  /** For `@NAME@` in the attack's text. */
  readonly values: Readonly<Record<string, string>>
  /** One sentence for each sign that somebody was there. */
  disturbed(): string[]
  remove(): Promise<void>
}
