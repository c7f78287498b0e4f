import { expect, test } from 'vitest'
import { pod, stageOf } from './pod.ts'

const stage = (status: object, metadata: object = {}) =>
  stageOf(pod.parse({ metadata: { name: 'p', ...metadata }, spec: {}, status }))
const load = (state: object) => ({ initContainerStatuses: [{ name: 'load', state }] })
const program = (state: object) => ({ containerStatuses: [{ name: 'program', state }] })
const outOfMemory = program({ terminated: { exitCode: 137, reason: 'OOMKilled' } })

test('a pod goes from coming over loading to running, and containers that are not ours say nothing', () => {
  expect(stage({ phase: 'Pending' })).toEqual({ is: 'coming', why: 'Pending', noRoom: false })
  expect(stage({ ...load({ running: {} }), ...program({ waiting: { reason: 'PodInitializing' } }) })).toEqual({ is: 'loading' })
  expect(stage({ ...load({ terminated: { exitCode: 0 } }), ...program({ running: {} }) })).toEqual({ is: 'running' })
  expect(stage({ containerStatuses: [{ name: 'istio-proxy', state: { running: {} } }] })).toMatchObject({ is: 'coming' })
})
test('only the program’s container, in a pod that the cluster left alone, can have run out of memory', () => {
  expect(stage({ phase: 'Failed', ...outOfMemory })).toEqual({ is: 'out_of_memory' })
  expect(stage({ phase: 'Failed', ...load({ terminated: { exitCode: 137, reason: 'OOMKilled' } }) })).toMatchObject({
    is: 'lost',
  })
})
test.for([
  ['an eviction', { phase: 'Failed', reason: 'Evicted', ...outOfMemory }],
  ['a node that shuts down', { phase: 'Failed', reason: 'Terminated', ...outOfMemory }],
  [
    'a preemption',
    { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }], ...outOfMemory },
  ],
  ['the deadline of the Job', { phase: 'Failed', reason: 'DeadlineExceeded', ...program({ running: {} }) }],
  ['a container that ends without a word', program({ terminated: { exitCode: 0, reason: 'Completed' } })],
  ['a container that is killed', program({ terminated: { exitCode: 137, reason: 'Error' } })],
  ['an image that is not there', program({ waiting: { reason: 'ImagePullBackOff' } })],
  ['a container that cannot be made', load({ waiting: { reason: 'CreateContainerConfigError' } })],
  ['a pod that ended as a whole', { phase: 'Succeeded' }],
] as const)('%s is a loss, whatever the containers look like', ([, status]) => {
  expect(stage(status)).toMatchObject({ is: 'lost' })
})
test('a pod that is being deleted is lost while it still runs', () => {
  expect(stage(program({ running: {} }), { deletionTimestamp: '2026-11-20T00:00:00Z' })).toMatchObject({ is: 'lost' })
})
test('a pod without a node has no room; one whose image is pulled does', () => {
  const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' }
  expect(stage({ phase: 'Pending', conditions: [unscheduled] })).toMatchObject({ is: 'coming', noRoom: true })
  expect(stage({ phase: 'Pending', ...load({ waiting: { reason: 'ContainerCreating' } }) })).toMatchObject({ noRoom: false })
})
