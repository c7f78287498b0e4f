/**
 * Every sentence a client can be refused with: code → [HTTP status, title].
 * `docs/errors.md` is generated from this table; no other text reaches a client.
 */
export const refusals = {
  malformed_json: [400, 'The body is not valid JSON.'],
  malformed_ndjson: [400, 'A line of the body is not valid JSON.'],
  unknown_parameter: [400, 'The query has a parameter that this route does not know.'],
  invalid_parameter: [400, 'A parameter in the path or query has a wrong value.'],
  invalid_cursor: [400, 'The cursor is not one of ours, or belongs to another list.'],
  unauthenticated: [401, 'Send an API key: Authorization: Bearer crk_….'],
  permission_denied: [403, 'This key may not do that.'],
  not_found: [404, 'No such route.'],
  project_not_found: [404, 'No such project.'],
  evaluation_not_found: [404, 'No such evaluation.'],
  batch_not_found: [404, 'No such batch.'],
  method_not_allowed: [405, 'This path does not answer to that method.'],
  idempotency_in_flight: [409, 'A request with this Idempotency-Key is still being answered.'],
  stale_version: [412, 'It was changed since you have read it; read it again.'],
  body_too_large: [413, 'The body is larger than this route takes.'],
  unsupported_media_type: [415, 'Send application/json, or application/x-ndjson where the route says so.'],
  range_not_satisfiable: [416, 'The offset lies behind the end of the output.'],
  invalid_body: [422, 'The body has faults; `errors` points at each.'],
  unknown_runtime: [422, 'No such language or version; GET /api/v1/runtimes lists them.'],
  limit_exceeded: [422, 'A limit is over the maximum of this organization.'],
  engine_cannot_enforce: [422, 'No engine here can enforce a limit that was asked for.'],
  isolation_below_policy: [422, 'The policy here asks for more isolation than this request.'],
  isolation_unavailable: [422, 'No executor here isolates as well as is required.'],
  idempotency_mismatch: [422, 'This Idempotency-Key was used with another body.'],
  precondition_required: [428, 'Send If-Match with the version that you have read.'],
  rate_limited: [429, 'Too many requests; try again after Retry-After.'],
  too_many_streams: [429, 'Too many open streams for this key; close one.'],
  internal: [500, 'Something broke on our side; quote the request id.'],
  queue_full: [503, 'The queue is full; try again after Retry-After.'],
  unavailable: [503, 'A part that this needs is not ready; try again after Retry-After.'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type RefusalCode = keyof typeof refusals
