export type { QueueBackend } from './backend.ts'
export { migrateQueue } from './migrate.ts'
export { openQueue } from './open.ts'
export type { Handled, Queue, QueueEntry, QueueWorker } from './port.ts'
