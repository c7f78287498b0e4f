/** The HTTP surface: exactly the contract's routes, problems from the table of refusals, health, reference, web app. */
export { type AppOptions, createApp } from './app.ts'
export { parseBody } from './faults.ts'
export type { BytesReply, Call, EventsReply, Handler, Handlers, Reply } from './handler.ts'
export type { HealthChecks } from './health.ts'
export type { NdjsonLine } from './ndjson.ts'
export type { Gate, RouteLimits } from './route.ts'
export type { EventSink, ServerEvent } from './sse.ts'
