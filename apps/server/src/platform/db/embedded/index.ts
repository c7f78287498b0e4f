/** A real PostgreSQL as a child process, for one machine: the default of `npm start`. Production sets DATABASE_URL. */
export { type Account, canUseUserNamespaces } from './command.ts'
export { type Lock, lockDirectory } from './lock.ts'
export { type Embedded, type EmbeddedOptions, startEmbedded } from './start.ts'
