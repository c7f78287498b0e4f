/** What tests build on: a database of their own, the real HTTP application over it, two organizations, a clock to turn. */
export { type Answer, appHarness, type Caller, type HandlerDeps, type Harness, type HarnessOptions } from './app-harness.ts'
export { type TurnableClock, turnableClock } from './clock.ts'
export { emptyDatabase, freshDatabase, type TestDatabase } from './database.ts'
export { type EvaluationsHarness, type EvaluationsOptions, evaluationsHarness } from './evaluations-harness.ts'
export { freePort } from './free-port.ts'
export { startRedis, type TestRedis } from './redis.ts'
export {
  hungUp,
  judgement,
  playOut,
  runResult,
  type Script,
  type ScriptedExecutor,
  type ScriptedJob,
  type ScriptedOptions,
  scriptedExecutor,
  scriptedRuntime,
  started,
} from './scripted-executor.ts'
export { buildMember, buildTenant, type Tenant } from './tenants.ts'
