/** Jobs of an earlier life of this executor. They end by themselves; their room is wanted now. */
import { z } from 'zod'
import type { Api } from './api.ts'
import { appName, labels } from './job.ts'

const jobs = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) })
const swept = 500

export async function sweepJobs(api: Api, namespace: string, owner: string): Promise<void> {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const selector = encodeURIComponent(`${labels.app}=${appName},${labels.owner}=${owner}`)
  const { items } = jobs.parse(await api.call('GET', `${path}?labelSelector=${selector}&limit=${swept}`))
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', gracePeriodSeconds: 0 }
  await Promise.allSettled(items.map(({ metadata }) => api.call('DELETE', `${path}/${metadata.name}`, options)))
}
