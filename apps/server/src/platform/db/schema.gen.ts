/**
 * Generated from db/migrations by tools/generate/schema.ts.
 * Please do not edit it manually.
 */

import type { ColumnType } from "kysely";

export type Generated<T> = T extends ColumnType<infer S, infer I, infer U>
  ? ColumnType<S, I | undefined, U>
  : ColumnType<T, T | undefined, T>;

export type Json = JsonValue;

export type JsonArray = JsonValue[];

export type JsonObject = {
  [x: string]: JsonValue | undefined;
};

export type JsonPrimitive = boolean | number | string | null;

export type JsonValue = JsonArray | JsonObject | JsonPrimitive;

export type Timestamp = ColumnType<Date, Date | string, Date | string>;

export interface AuditEvent {
  body: Json;
  class: string;
  hash: Buffer;
  id: string;
  occurred_at: Timestamp;
  organization_id: string;
  prev_hash: Buffer;
  seq: number;
}

export interface AuditHead {
  class: string;
  hash: Buffer;
  organization_id: string;
  seq: number;
}

export interface EvaluationsAttempt {
  detail: string | null;
  end: string | null;
  ended_at: Timestamp | null;
  engine: string | null;
  evaluation_id: string;
  executor: string | null;
  id: string;
  number: number;
  organization_id: string;
  started_at: Generated<Timestamp>;
}

export interface EvaluationsBatch {
  created_at: Generated<Timestamp>;
  id: string;
  name: string;
  organization_id: string;
  project_id: string;
  submitted_by: string;
  total: number;
}

export interface EvaluationsEvaluation {
  attempt: Generated<number>;
  attempts_max: number;
  batch_id: string | null;
  batch_ordinal: number | null;
  compile: Json | null;
  created_at: Generated<Timestamp>;
  engines: string[] | null;
  environment: Json | null;
  event_seq: Generated<number>;
  failure: Json | null;
  faults: Generated<number>;
  finished_at: Timestamp | null;
  id: string;
  is_isolated: boolean | null;
  isolation_least: Generated<string>;
  language: string;
  lease_until: Timestamp | null;
  limits: Json;
  organization_id: string;
  priority: string;
  project_id: string;
  queued_at: Generated<Timestamp>;
  result: Json | null;
  runtime: string;
  score: number | null;
  source_sha256: Buffer;
  started_at: Timestamp | null;
  status: string;
  stderr_bytes: Generated<number>;
  stdout_bytes: Generated<number>;
  submitted_by: string;
  test_results: Json | null;
  tests_passed: number | null;
  tests_total: Generated<number>;
  verdict: string | null;
}

export interface EvaluationsEvent {
  at: Generated<Timestamp>;
  attempt: number;
  body: Json | null;
  both_offset: number | null;
  data: Buffer | null;
  evaluation_id: string;
  kind: string;
  organization_id: string;
  run: string | null;
  seq: number;
  status: string | null;
  stream: string | null;
  stream_offset: number | null;
}

export interface EvaluationsExecutor {
  name: string;
  report: Json;
  seen_at: Generated<Timestamp>;
}

export interface EvaluationsIdempotencyKey {
  created_at: Generated<Timestamp>;
  fingerprint: Buffer;
  key: string;
  organization_id: string;
  principal_id: string;
  subject_id: string;
}

export interface EvaluationsMetadata {
  body: Json;
  evaluation_id: string;
  organization_id: string;
}

export interface EvaluationsSource {
  bundle: Buffer;
  created_at: Generated<Timestamp>;
  organization_id: string;
  sha256: Buffer;
}

export interface IdentityApiKey {
  created_at: Timestamp;
  expires_at: Timestamp | null;
  hash: Buffer;
  id: string;
  last_used_at: Timestamp | null;
  last4: string;
  name: string;
  organization_id: string;
  prefix: string;
  project_id: string;
  revoked_at: Timestamp | null;
  user_id: string;
}

export interface IdentityMembership {
  created_at: Timestamp;
  organization_id: string;
  role: string;
  status: Generated<string>;
  user_id: string;
}

export interface IdentityOrganization {
  created_at: Timestamp;
  id: string;
  name: string;
  settings: Generated<Json>;
  slug: string;
  status: Generated<string>;
  updated_at: Timestamp;
  version: Generated<number>;
}

export interface IdentityUser {
  created_at: Timestamp;
  email: string | null;
  id: string;
  name: string;
  status: Generated<string>;
  updated_at: Timestamp;
}

export interface ProjectsProject {
  created_at: Timestamp;
  deleted_at: Timestamp | null;
  id: string;
  key: string;
  name: string;
  organization_id: string;
  settings: Generated<Json>;
  status: Generated<string>;
  updated_at: Timestamp;
  version: Generated<number>;
}

export interface Schema {
  "audit.event": AuditEvent;
  "audit.head": AuditHead;
  "evaluations.attempt": EvaluationsAttempt;
  "evaluations.batch": EvaluationsBatch;
  "evaluations.evaluation": EvaluationsEvaluation;
  "evaluations.event": EvaluationsEvent;
  "evaluations.executor": EvaluationsExecutor;
  "evaluations.idempotency_key": EvaluationsIdempotencyKey;
  "evaluations.metadata": EvaluationsMetadata;
  "evaluations.source": EvaluationsSource;
  "identity.api_key": IdentityApiKey;
  "identity.membership": IdentityMembership;
  "identity.organization": IdentityOrganization;
  "identity.user": IdentityUser;
  "projects.project": ProjectsProject;
}
