/** What the process that attacks says, one JSON object a line (apps/executor/src/attack/main.ts). It is our own: no parsing twice. */
export const families = [
  'escape',
  'privilege',
  'network',
  'files',
  'exhaustion',
  'compile',
  'information',
  'forgery',
  'output',
  'traps',
] as const
export type Family = (typeof families)[number]

export type Started = {
  readonly engine: {
    readonly name: string
    readonly version: string
    readonly isolation: string
    readonly cannot: readonly string[]
  }
  readonly machine: { readonly kernel: string; readonly cpu: string; readonly asRoot: boolean }
  readonly slots: number
  readonly runtimes: readonly string[]
  readonly unavailable: readonly { readonly language: string; readonly reason: string; readonly remedy: string }[]
  readonly attacks: number
}
export type AttackResult = {
  readonly id: string
  readonly family: Family
  readonly tries: string
  readonly outcome: 'stopped' | 'escaped' | 'skipped'
  readonly detail: string
  readonly wallMs: number
}
export type ControlResult = {
  readonly id: string
  readonly family: Family
  readonly outcome: 'seen' | 'blind' | 'skipped'
  readonly detail: string
}
export type Listed = { readonly id: string; readonly language: string; readonly tries: string; readonly control: string }

export type AttackEvent =
  | ({ readonly type: 'started' } & Started)
  | ({ readonly type: 'attack' } & AttackResult)
  | ({ readonly type: 'control' } & ControlResult)
  | ({ readonly type: 'listed' } & Listed)
  | { readonly type: 'finished' }
  | { readonly type: 'failed'; readonly isUsage: boolean; readonly reason: string; readonly remedy: string | null }
