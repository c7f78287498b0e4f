import type { FastifyInstance, FastifyReply } from 'fastify'

/** One AbortSignal a request, aborted when its client goes away and when the server begins to stop. */
export function requestSignals(app: FastifyInstance) {
  const open = new Set<AbortController>()
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
    for (const controller of open) controller.abort()
  })
  return (reply: FastifyReply): AbortSignal => {
    const controller = new AbortController()
    if (isClosing) controller.abort()
    open.add(controller)
    reply.raw.once('close', () => {
      open.delete(controller)
      if (!reply.raw.writableFinished) controller.abort()
    })
    return controller.signal
  }
}
