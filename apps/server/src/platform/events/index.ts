export { type Bell, openBell } from './bell.ts'
export { createHub, type Hub, type Publishing, type WakeListener } from './hub.ts'
export { followChannel, payloadOf, type Wakeups } from './notifications.ts'
