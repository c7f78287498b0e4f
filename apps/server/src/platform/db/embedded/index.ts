/** A real PostgreSQL as a child process, for one machine: the default of `npm start`. Production sets DATABASE_URL. */
export { type Account, canUseUserNamespaces, run as runAs } from './command.ts'
export { type Lock, lockDirectory } from './lock.ts'
export { privateDirectory, shortDirectory } from './places.ts'
export { type Embedded, type EmbeddedOptions, startEmbedded } from './start.ts'
