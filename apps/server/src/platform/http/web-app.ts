import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../refusal/index.ts'

const unbuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Crucible</title>
<body><h1>The web app is not built</h1><p>Run <code>npm start</code>, which builds it, or <code>npm run build -w apps/web</code>, and load this page again.</p>
<p>The API works without it: <a href="/api/docs">/api/docs</a>.</p></body></html>
`

/** The built web app. A path that is no file is one of its own pages, which index.html then shows; /api is never. */
export async function registerWebApp(app: FastifyInstance, folder: string): Promise<void> {
  const index = join(folder, 'index.html')
  const isBuilt = await access(index).then(
    () => true,
    () => false,
  )
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: false, // one route a file: what is not there falls through to the page below
      index: false,
      setHeaders: (reply, path) =>
        // File names under assets/ hold a hash of their content.
        reply.header(
          'cache-control',
          path.startsWith(join(folder, 'assets')) ? 'public, max-age=31536000, immutable' : 'no-cache',
        ),
    })
  }
  const page = isBuilt ? await readFile(index, 'utf8') : unbuilt
  const show = async (request: FastifyRequest, reply: FastifyReply) => {
    // A missing script must not be answered with the page: a tab from before an upgrade would try to run it.
    if (/^\/(api|assets)(\/|$)/.test(request.url)) throw refuse('not_found')
    return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page)
  }
  app.get('/*', show)
  app.get('/', show)
}
