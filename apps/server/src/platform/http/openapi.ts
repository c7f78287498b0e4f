import { problem, type RefusalCode, type Route, refusals, routes } from '@crucible/contracts'
import { z } from 'zod'
import { type Json as AnyJson, liftDefinitions } from './openapi-definitions.ts'

type Json = { [key: string]: AnyJson }

/** OpenAPI 3.1 from the contract's own routes and schemas, so that it cannot list what does not exist or miss what does. */
export function openApi(version: string): Json {
  return liftDefinitions({
    openapi: '3.1.0',
    info: {
      title: 'Crucible',
      version,
      description:
        'Runs untrusted code in throw-away sandboxes and turns it into verdicts. Every error is a problem of RFC 9457.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ apiKey: [] }],
    tags: [...new Set(all.map(([, { tag }]) => tag))].map((name) => ({ name })),
    paths: Object.fromEntries(
      [...Map.groupBy(all, ([, route]) => route.path)].map(([path, group]) => [
        path.replaceAll(/:(\w+)/g, '{$1}'),
        Object.fromEntries(group.map(([name, route]) => [route.method.toLowerCase(), operation(name, route)])),
      ]),
    ),
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, crk_….' } },
      schemas: { Problem: jsonSchema(problem, 'output') },
      responses: Object.fromEntries([...byStatus].map(([status, codes]) => [`Problem${status}`, problemResponse(codes)])),
    },
  })
}

const all = Object.entries(routes) as [string, Route][] // widened: which route is which no longer matters here
const byStatus = Map.groupBy(Object.keys(refusals) as RefusalCode[], (code) => refusals[code][0]) // the keys of a literal

function operation(operationId: string, route: Route): Json {
  const body = route.body === undefined ? {} : { requestBody: requestBody(route, route.body) }
  return {
    operationId,
    summary: route.summary,
    tags: [route.tag],
    'x-permission': route.permission,
    parameters: parameters(route),
    ...body,
    responses: { ...success(route), ...problems(route) },
  }
}

function parameters(route: Route): Json[] {
  const list = (place: 'path' | 'query', schema: z.ZodObject | undefined) => {
    if (schema === undefined) return []
    const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
      properties?: Record<string, Json>
      required?: string[]
    } // an object schema's form
    return Object.entries(properties).map(([name, property]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      schema: property,
    }))
  }
  const header = (name: string, description: string, required = false) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  })
  return [
    ...list('path', route.params),
    ...list('query', route.query),
    ...(route.isIdempotent ? [header('Idempotency-Key', 'The same key and body give the same answer for 24 hours.')] : []),
    ...(route.isConditional ? [header('If-Match', 'The version that was read, in quotes.', true)] : []),
    ...(route.produces === 'text/event-stream' ? [header('Last-Event-ID', 'Replays what follows this event.')] : []),
  ]
}

function requestBody(route: Route, schema: z.ZodType): Json {
  const types = route.consumes ?? ['application/json']
  const content = types.map((type) => [
    type,
    {
      schema:
        type === 'application/json'
          ? jsonSchema(schema, 'input')
          : { type: 'string', description: 'One evaluation a line, as in `evaluations` of the JSON form.' },
    },
  ])
  return { required: true, content: Object.fromEntries(content) }
}

function success(route: Route): Json {
  const type = route.produces ?? 'application/json'
  return Object.fromEntries(
    Object.entries(route.replies).map(([status, schema]) => [
      status,
      {
        description: status === '202' ? 'Accepted; Location names it.' : 'As asked.',
        content: { [type]: { schema: jsonSchema(schema, 'output') } },
      },
    ]),
  )
}

/** Which kinds of refusal a route can give follows from what it takes. */
function problems(route: Route): Json {
  const takes = [
    400,
    401,
    403,
    405,
    429,
    500,
    503,
    ...(route.params === undefined && route.query?.shape['project'] === undefined ? [] : [404]),
    ...(route.isIdempotent ? [409] : []),
    ...(route.method === 'GET' ? [] : [413, 415, 422]),
    ...(route.isConditional ? [412, 428] : []),
    ...(route.produces === 'application/octet-stream' ? [416] : []),
  ].sort()
  return Object.fromEntries(takes.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]))
}

const problemResponse = (codes: RefusalCode[]): Json => ({
  description: codes.map((code) => `\`${code}\`: ${refusals[code][1]}`).join('  \n'),
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      examples: Object.fromEntries(codes.map((code) => [code, { value: example(code) }])),
    },
  },
})

const example = (code: RefusalCode) => ({
  type: `urn:crucible:problem:${code}`,
  title: refusals[code][1],
  status: refusals[code][0],
  code,
  requestId: 'req_01jd3ygmwt7xv0q8k2c5n9r4hb',
})

/** `$schema` belongs to a document, not to a part of one; a value that JSON cannot describe is shown as anything. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _document, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json // a JSON Schema is an object
  return rest
}
