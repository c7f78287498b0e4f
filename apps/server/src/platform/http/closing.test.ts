import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { promptClosing } from './closing.ts'

test('a connection that was opened and never used does not hold up the close', async () => {
  const server = createServer((_, response) => response.end('answered'))
  const closing = promptClosing(server)
  server.keepAliveTimeout = 600_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  const unused = connect(port, '127.0.0.1')
  unused.on('error', () => {})
  await once(server, 'connection')
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('answered')
  server.close()
  closing()
  await once(server, 'close')
  unused.destroy()
})
