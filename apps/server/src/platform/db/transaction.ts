import type { OrganizationId } from '@crucible/contracts'
import type { Kysely, RawBuilder } from 'kysely'
import type { Schema } from './schema.gen.ts'

/** What a transaction may do: queries. It cannot begin, end or leave its connection. */
export type Queries = Pick<
  Kysely<Schema>,
  | 'selectFrom'
  | 'selectNoFrom'
  | 'insertInto'
  | 'updateTable'
  | 'deleteFrom'
  | 'mergeInto'
  | 'with'
  | 'withRecursive'
  | 'case'
  | 'fn'
  | 'dynamic'
  | 'getExecutor'
>

/** What a writing transaction can leave for its end. */
export type Ending = {
  /**
   * Runs as the last statement of the transaction: the commit follows it in the same write, which saves a round trip.
   * Nothing can be asked after it, and what it answers can take nothing back: only a statement that guards itself fits.
   */
  last<Row>(statement: RawBuilder<Row>): Promise<{ readonly rows: Row[] }>
  /**
   * Runs when the work is done, in the same write as the commit: a lock that it takes is held for no round trip of ours.
   * Its fault takes everything back.
   */
  atCommit(statement: RawBuilder<unknown>): void
}

/** A transaction that sees and writes the rows of one organization and no other's. */
export type TenantTx = Queries & Ending & { readonly organizationId: OrganizationId }

/** A transaction that sees every organization. It cannot be passed where a TenantTx is wanted, nor the reverse. */
export type SystemTx = Queries & Ending & { readonly crossesTenants: true }

/** In no organization: sees no tenant's row, and may call the reviewed functions that find one (an API key's, for one). */
export type AnonymousTx = Queries & { readonly isAnonymous: true }
