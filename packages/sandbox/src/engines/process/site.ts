/** A slot's place on the host, and what every run in it needs. */
export type ProcessSite = {
  readonly directory: string
  readonly shown: string
  readonly owner: { readonly uid: number; readonly gid: number } | null // null: the executor's own user
  readonly script: string
  readonly perl: string
  readonly mkfifo: string
  readonly guardNumbers: string
}
