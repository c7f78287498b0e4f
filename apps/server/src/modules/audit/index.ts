/** Audit: an append-only chain per organization, written in the caller's transaction. It calls no other module. */
export { type AuditActor, type AuditClass, type AuditEntry, record } from './record.ts'
export { type ChainState, verify } from './verify.ts'
