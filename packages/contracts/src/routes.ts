/**
 * Every route of `/api/v1`, once. The server registers exactly these, OpenAPI and the SDK are derived from them,
 * and the generated tenancy test replays each with another organization's ids.
 */
import { z } from 'zod'
import { batch, createBatch, createBatchQuery, createdBatch } from './batches.ts'
import { bounds } from './bounds.ts'
import { evaluation, evaluationDetail, evaluationPage, listEvaluationsQuery, outputQuery, waitQuery } from './evaluations.ts'
import { idSchema } from './ids.ts'
import { isolationPolicy, shownIsolationPolicy } from './isolation.ts'
import { pageQuery } from './page.ts'
import type { Permission } from './permissions.ts'
import { runtimeList } from './runtimes.ts'
import { me } from './session.ts'
import { submitEvaluation } from './submission.ts'

export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string // below /api/v1, parameters as :name
  readonly summary: string
  readonly tag: 'evaluations' | 'batches' | 'runtimes' | 'identity' | 'policy'
  readonly permission: Permission
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** JSON unless named otherwise. */
  readonly replies: Readonly<Record<number, z.ZodType>>
  readonly produces?: 'application/octet-stream' | 'text/event-stream'
  readonly consumes?: readonly string[]
  readonly bodyBytesMax?: number
  readonly isIdempotent?: true // takes an Idempotency-Key
  readonly isConditional?: true // wants the version that the caller has read, as If-Match
}

const project = z.strictObject({ project: idSchema('prj') })
const evaluationParams = z.strictObject({ evaluation: idSchema('evl') })
const batchParams = z.strictObject({ batch: idSchema('btc') })
const bytes = z.string().meta({ description: 'Bytes.' })
const events = z.string().meta({ description: 'Server-sent events.' })

const submit = {
  body: submitEvaluation,
  query: waitQuery,
  replies: { 200: evaluation, 202: evaluation },
  permission: 'evaluation.create',
  tag: 'evaluations',
  isIdempotent: true,
  bodyBytesMax: bounds.bodyBytes,
} as const
const newPolicy = { body: isolationPolicy, replies: { 200: shownIsolationPolicy }, isConditional: true } as const
const newBatch = {
  body: createBatch,
  query: createBatchQuery,
  replies: { 202: createdBatch },
  permission: 'evaluation.create',
  tag: 'batches',
  isIdempotent: true,
  consumes: ['application/json', 'application/x-ndjson'],
} as const

export const routes = {
  me: {
    method: 'GET',
    path: '/me',
    summary: 'Whose key is this?',
    tag: 'identity',
    permission: 'project.read',
    replies: { 200: me },
  },
  listRuntimes: {
    method: 'GET',
    path: '/runtimes',
    summary: 'Languages, versions and executors',
    tag: 'runtimes',
    permission: 'runtime.read',
    replies: { 200: runtimeList },
  },

  getOrganizationIsolation: {
    method: 'GET',
    path: '/organization/isolation-policy',
    summary: 'The least isolation of every run of the organization',
    tag: 'policy',
    permission: 'org.read',
    replies: { 200: shownIsolationPolicy },
  },
  setOrganizationIsolation: {
    method: 'PUT',
    path: '/organization/isolation-policy',
    summary: 'Set it; what is queued keeps what it was submitted under',
    tag: 'policy',
    permission: 'org.update',
    ...newPolicy,
  },
  getProjectIsolation: {
    method: 'GET',
    path: '/projects/:project/isolation-policy',
    summary: 'The least isolation of every run of a project',
    tag: 'policy',
    permission: 'project.read',
    params: project,
    replies: { 200: shownIsolationPolicy },
  },
  setProjectIsolation: {
    method: 'PUT',
    path: '/projects/:project/isolation-policy',
    summary: 'Set it; it cannot weaken that of the organization',
    tag: 'policy',
    permission: 'project.update',
    params: project,
    ...newPolicy,
  },

  submitEvaluation: { method: 'POST', path: '/evaluations', summary: "Submit in the key's default project", ...submit },
  submitEvaluationInProject: {
    method: 'POST',
    path: '/projects/:project/evaluations',
    summary: 'Submit in a project',
    params: project,
    ...submit,
  },
  listEvaluations: {
    method: 'GET',
    path: '/evaluations',
    summary: 'List, newest first',
    tag: 'evaluations',
    permission: 'evaluation.read',
    query: listEvaluationsQuery,
    replies: { 200: evaluationPage },
  },
  getEvaluation: {
    method: 'GET',
    path: '/evaluations/:evaluation',
    summary: 'One evaluation with its source, tests and attempts',
    tag: 'evaluations',
    permission: 'evaluation.read',
    params: evaluationParams,
    replies: { 200: evaluationDetail },
  },
  cancelEvaluation: {
    method: 'POST',
    path: '/evaluations/:evaluation/cancel',
    summary: 'Cancel; in any state, as often as you like',
    tag: 'evaluations',
    permission: 'evaluation.cancel',
    params: evaluationParams,
    replies: { 200: evaluation },
  },
  readOutput: {
    method: 'GET',
    path: '/evaluations/:evaluation/output',
    summary: 'What the program wrote, as bytes',
    tag: 'evaluations',
    permission: 'evaluation.read',
    params: evaluationParams,
    query: outputQuery,
    replies: { 200: bytes },
    produces: 'application/octet-stream',
  },
  streamEvaluation: {
    method: 'GET',
    path: '/evaluations/:evaluation/stream',
    summary: 'Follow live',
    tag: 'evaluations',
    permission: 'evaluation.read',
    params: evaluationParams,
    replies: { 200: events },
    produces: 'text/event-stream',
  },

  createBatch: { method: 'POST', path: '/batches', summary: "Submit many in the key's default project", ...newBatch },
  createBatchInProject: {
    method: 'POST',
    path: '/projects/:project/batches',
    summary: 'Submit many in a project',
    params: project,
    ...newBatch,
  },
  getBatch: {
    method: 'GET',
    path: '/batches/:batch',
    summary: 'Counts by status and verdict',
    tag: 'batches',
    permission: 'evaluation.read',
    params: batchParams,
    replies: { 200: batch },
  },
  listBatchItems: {
    method: 'GET',
    path: '/batches/:batch/items',
    summary: 'Its evaluations, in the order sent',
    tag: 'batches',
    permission: 'evaluation.read',
    params: batchParams,
    query: pageQuery,
    replies: { 200: evaluationPage },
  },
  streamBatch: {
    method: 'GET',
    path: '/batches/:batch/stream',
    summary: 'Follow its progress',
    tag: 'batches',
    permission: 'evaluation.read',
    params: batchParams,
    replies: { 200: events },
    produces: 'text/event-stream',
  },
  cancelBatch: {
    method: 'POST',
    path: '/batches/:batch/cancel',
    summary: 'Cancel what has not finished',
    tag: 'batches',
    permission: 'evaluation.cancel',
    params: batchParams,
    replies: { 200: batch },
  },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes
