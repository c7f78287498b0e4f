import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, output, run, type Stage, says } from './stage.ts'

const prefix = '/tools/crucible'
let stage: Stage
let proxy: Server
let address = ''

/** What an operator's proxy does: takes its path off, passes everything on, and says in the page where it lives. */
beforeAll(async () => {
  stage = await openStage()
  const product = new URL(stage.product.url)
  proxy = createServer((asked, reply) => {
    if (!asked.url?.startsWith(`${prefix}/`)) return void reply.writeHead(404).end()
    const path = asked.url.slice(prefix.length)
    const headers = { ...asked.headers, host: product.host, 'accept-encoding': 'identity' }
    const onward = request(
      { host: product.hostname, port: product.port, path, method: asked.method, headers },
      async (answer) => {
        if (!answer.headers['content-type']?.startsWith('text/html')) {
          reply.writeHead(answer.statusCode ?? 502, answer.headers)
          return void answer.pipe(reply)
        }
        const page = (await answer.setEncoding('utf8').toArray())
          .join('')
          .replace('<base href="/" />', `<base href="${prefix}/" />`)
        const { 'content-length': _, ...kept } = answer.headers
        reply.writeHead(answer.statusCode ?? 502, kept).end(page)
      },
    )
    onward.on('error', () => reply.destroy())
    reply.on('close', () => onward.destroy())
    asked.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const bound = proxy.address()
  if (bound === null || typeof bound === 'string') throw new Error('no TCP address')
  address = `http://127.0.0.1:${bound.port}${prefix}`
})
afterAll(async () => {
  proxy.closeAllConnections()
  proxy.close()
  await stage.close()
})

test('behind a proxy that adds a path, every page, script, request and stream stays below it', async () => {
  const page = await stage.browser.newPage()
  const strayed: string[] = []
  page.on('request', (asked) => {
    if (!asked.url().startsWith(address) && asked.url().startsWith('http')) strayed.push(asked.url())
  })
  await page.goto(`${address}/evaluations`)
  await page.getByLabel('API key', { exact: true }).fill(stage.key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'No evaluations yet' }).waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Run' }).click()
  await run(page, 'print("through the proxy")\n')
  await output(page).getByText('through the proxy').waitFor()
  await says(page, 'Accepted')
  await page.getByRole('link', { name: 'Everything about this evaluation' }).click()
  await page.getByText('exit code 0', { exact: true }).waitFor()
  await page.reload()
  await output(page).getByText('through the proxy').waitFor()
  expect(new URL(page.url()).pathname).toMatch(/^\/tools\/crucible\/evaluations\/evl_/)
  expect(strayed).toEqual([])
  expect(stage.troubles).toEqual([])
})
