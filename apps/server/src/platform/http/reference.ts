import fastify, { type FastifyInstance } from 'fastify'

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Crucible API</title>
  </head>
  <body>
    <script id="api-reference" type="application/json" data-url="/api/openapi.json"
      data-configuration='{"url":"/api/openapi.json","withDefaultFonts":false,"telemetry":false,"hideClientButton":true,"showDeveloperTools":"never","agent":{"disabled":true},"mcp":{"disabled":true}}'></script>
    <script src="/api/docs/reference.js"></script>
  </body>
</html>
`

/** `/api/openapi.json` and a page to browse it with. Everything comes from this server: it must work without the internet. */
export async function registerReference(app: FastifyInstance, document: () => object): Promise<void> {
  let text: string | null = null // made when first asked for: it costs a start nothing
  let script: Promise<Buffer> | null = null
  app.get('/api/openapi.json', async (_request, reply) => {
    text ??= JSON.stringify(document())
    return reply.header('cache-control', 'no-cache').type('application/json').send(text)
  })
  app.get('/api/docs', async (_request, reply) =>
    reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page),
  )
  app.get('/api/docs/reference.js', async (_request, reply) => {
    script ??= loadScript()
    return reply
      .header('cache-control', 'public, max-age=3600')
      .type('text/javascript; charset=utf-8')
      .send(await script)
  })
}

/**
 * The package holds its 4 MB script as a string inside a module and shows it only as a route: so it is loaded when
 * somebody first looks at the page, by asking that route, and costs nobody else start-up time or memory.
 */
async function loadScript(): Promise<Buffer> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const host = fastify()
  await host.register(scalar, { routePrefix: '/reference', configuration: { url: '/api/openapi.json' } })
  const answer = await host.inject('/reference/js/scalar.js')
  await host.close()
  if (answer.statusCode !== 200) throw new Error(`the API reference has no script: ${answer.statusCode}`)
  return answer.rawPayload
}
