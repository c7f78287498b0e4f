export { createExecutorClient, type ExecutorClient } from './client.ts'
export type { ExecutorEndpoint } from './endpoint.ts'
export { ExecutorFault } from './fault.ts'
export { createExecutorPool, type ExecutorPool, InTheWay, type Slot } from './pool.ts'
