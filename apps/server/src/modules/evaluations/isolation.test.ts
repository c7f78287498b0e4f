/** The isolation that an organization or a project asks for, from the policy to the executor. */
import type { Evaluation, ShownIsolationPolicy } from '@crucible/contracts'
import {
  buildMember,
  type Caller,
  type EvaluationsHarness,
  evaluationsHarness,
  hungUp,
  playOut,
  started,
} from '@crucible/testkit'
import { afterEach, describe, expect, test } from 'vitest'

let server: EvaluationsHarness
afterEach(() => server.close())

const gvisor = { name: 'strong', says: { engine: 'gvisor', isolation: 'kernel-private' } } as const
const weak = { engine: 'namespaces', isolation: 'kernel-shared' } as const
const at = '/organization/isolation-policy'
const ofProject = ({ projectId }: Caller) => `/projects/${projectId}/isolation-policy`

const read = async (path = at) => (await server.alice.get(path)).body as ShownIsolationPolicy
const set = async (policy: object, path = at, caller: Pick<Caller, 'put'> = server.alice) =>
  caller.put(path, policy, { headers: { 'if-match': `"${(await read(path)).version}"` } })
const submit = (more: object = {}) => server.alice.post('/evaluations?wait=30', { language: 'python', code: 'x', ...more })
const historyOf = async (evaluation: unknown) =>
  (await server.read(server.alice, (evaluation as Evaluation).id)).attemptHistory.map(({ engine, end }) => [engine, end])

describe('a policy', () => {
  test('is nothing asked for at first, and is read back as it was set, under a new version and in the audit trail', async () => {
    server = await evaluationsHarness({ script: playOut })
    expect(await read()).toEqual({ least: 'none', engines: null, inForce: { least: 'none', engines: null }, version: 1 })
    const policy = { least: 'kernel-shared', engines: ['namespaces', 'gvisor'] }
    expect(await set(policy)).toMatchObject({ status: 200, body: { ...policy, inForce: policy, version: 2 } })
    expect(await read()).toMatchObject({ ...policy, version: 2 })
    const [row] = await server.database.query<{ body: unknown }>(
      `select body from audit.event where body->>'action' = 'org.settings_changed'`,
    )
    expect(row?.body).toMatchObject({ changes: { isolationLeast: 'kernel-shared', engines: 'namespaces,gvisor' } })
  })

  test('of a project stands beside that of its organization and cannot weaken it', async () => {
    server = await evaluationsHarness({ script: playOut })
    await set({ least: 'kernel-shared', engines: ['gvisor', 'docker'] })
    expect(await set({ least: 'none', engines: null }, ofProject(server.alice))).toMatchObject({
      body: { least: 'none', inForce: { least: 'kernel-shared', engines: ['gvisor', 'docker'] } },
    })
    await set({ least: 'kernel-private', engines: ['docker', 'oci'] }, ofProject(server.alice))
    expect((await read(ofProject(server.alice))).inForce).toEqual({ least: 'kernel-private', engines: ['docker'] })
  })

  test('is not overwritten by who has not seen it, and not set without saying which version one has seen', async () => {
    server = await evaluationsHarness({ script: playOut })
    for (const path of [at, ofProject(server.alice)]) {
      const policy = { least: 'process', engines: null }
      expect((await server.alice.put(path, policy)).body).toMatchObject({ status: 428, code: 'precondition_required' })
      expect((await server.alice.put(path, policy, { headers: { 'if-match': 'W/"1"' } })).status).toBe(400)
      await set(policy, path)
      const late = await server.alice.put(path, policy, { headers: { 'if-match': '"1"' } })
      expect(late.body).toMatchObject({ status: 412, code: 'stale_version' })
    }
  })

  test.each([
    [{ least: 'some', engines: null }, '/least'],
    [{ least: 'none', engines: [] }, '/engines'],
    [{ least: 'none', engines: ['gvisor', 'gvisor'] }, '/engines'],
    [{ least: 'none', engines: ['runsc'] }, '/engines/0'],
    [{ least: 'none' }, '/engines'],
  ])('of another shape is refused: %j', async (policy, pointer) => {
    server = await evaluationsHarness({ script: playOut })
    expect((await set(policy)).body).toMatchObject({ code: 'invalid_body', errors: [{ pointer }] })
  })

  test('is changed by the roles that may, and read by everybody', async () => {
    server = await evaluationsHarness({ script: playOut })
    const asked: unknown[] = []
    for (const role of ['PROJECT_MANAGER', 'MEMBER', 'VIEWER'] as const) {
      const them = server.as(await buildMember(server, server.alice, role.toLowerCase(), role))
      for (const path of [at, ofProject(server.alice)]) {
        expect((await them.get(path)).status).toBe(200)
        asked.push((await set({ least: 'process', engines: null }, path, them)).status)
      }
    }
    expect(asked).toEqual([403, 200, 403, 403, 403, 403])
  })
})

describe('a submission', () => {
  test('that no executor isolates well enough is refused with what would be enough, and nothing is stored', async () => {
    const engines = [{ name: 'gvisor', isolation: 'kernel-private', summary: '', obstacle: null }] as const
    server = await evaluationsHarness({ script: playOut, says: { ...weak, engines: [...engines] } })
    const refused = await submit({ isolation: 'kernel-private' })
    expect(refused.body).toMatchObject({
      status: 422,
      code: 'isolation_unavailable',
      detail: expect.stringMatching(/needs isolation of at least kernel-private.*namespaces \(kernel-shared\).*engine gvisor/),
      errors: [{ pointer: '/isolation' }],
    })
    await set({ least: 'kernel-private', engines: null })
    expect((await submit()).body).toMatchObject({ code: 'isolation_unavailable' })
    const batch = await server.alice.post('/batches', { evaluations: [{ language: 'python', code: 'x' }] })
    expect(batch.body).toMatchObject({ code: 'isolation_unavailable', errors: [{ pointer: '/evaluations/0/isolation' }] })
    await set({ least: 'none', engines: ['docker', 'oci'] })
    expect((await submit()).body).toMatchObject({ detail: expect.stringContaining('by docker or oci') })
    expect(await server.database.query('select from evaluations.evaluation')).toEqual([])
  })

  test('that asks for less than the policy is refused, never raised; one that asks for as much runs', async () => {
    server = await evaluationsHarness({ script: playOut, says: weak })
    await set({ least: 'kernel-shared', engines: null })
    expect((await submit({ isolation: 'process' })).body).toMatchObject({
      code: 'isolation_below_policy',
      detail: expect.stringContaining('at least kernel-shared'),
    })
    expect((await submit({ isolation: 'kernel-shared' })).body).toMatchObject({
      status: 'completed',
      requires: { isolation: 'kernel-shared', engines: null },
    })
  })

  test('in a language that only a weaker executor has is refused, and says so', async () => {
    server = await evaluationsHarness({
      script: playOut,
      says: weak,
      beside: [{ ...gvisor, says: { ...gvisor.says, runtimes: [] } }],
    })
    expect((await submit({ isolation: 'kernel-private' })).body).toMatchObject({
      code: 'isolation_unavailable',
      detail: expect.stringContaining('offers python@3.11: namespaces (kernel-shared)'),
    })
    expect((await submit({ isolation: 'kernel-private', language: 'cobol' })).body).toMatchObject({ code: 'unknown_runtime' })
  })

  test('is under the policy of its own project', async () => {
    server = await evaluationsHarness({ script: playOut, says: weak })
    await set({ least: 'kernel-private', engines: null }, ofProject(server.alice))
    expect((await submit()).body).toMatchObject({ code: 'isolation_unavailable' })
    const theirs = await server.bob.post('/evaluations?wait=30', { language: 'python', code: 'x' })
    expect(theirs.body).toMatchObject({ status: 'completed' })
  })
})

describe('a run', () => {
  test('goes to an executor that is enough, whichever is free', async () => {
    server = await evaluationsHarness({ script: playOut, says: weak, beside: [gvisor] })
    const runs = await Promise.all(Array.from({ length: 12 }, () => submit({ isolation: 'kernel-private' })))
    for (const { body } of runs) expect(await historyOf(body)).toEqual([['gvisor', 'completed']])
    await set({ least: 'none', engines: ['namespaces'] })
    expect(await historyOf((await submit()).body)).toEqual([['namespaces', 'completed']])
    expect(server.beside[0]?.begun).toHaveLength(12)
  })

  test('waits for one that is enough without costing an attempt, and without holding up what others can run', async () => {
    server = await evaluationsHarness({
      script: async (job) => {
        if (job.code !== 'hold') return playOut(job)
        job.emit(started)
        await hungUp(job)
      },
      slots: 1,
      says: weak,
      beside: [{ ...gvisor, slots: 1 }],
    })
    const { id } = await server.submit(server.alice, 'hold', { isolation: 'kernel-private' })
    await server.reaches(server.alice, id, 'running')
    // More than all who could wait for that one slot together.
    const waiting = await Promise.all(
      Array.from({ length: 12 }, () => server.submit(server.alice, 'x', { isolation: 'kernel-private' })),
    )
    for (let n = 0; n < 5; n++) expect((await submit()).body).toMatchObject({ status: 'completed' })
    for (const each of waiting) expect(await server.read(server.alice, each.id)).toMatchObject({ status: 'queued', attempts: 0 })
    await server.alice.post(`/evaluations/${id}/cancel`)
    for (const each of waiting) await server.reaches(server.alice, each.id, 'completed')
    for (const each of waiting) expect(await historyOf(each)).toEqual([['gvisor', 'completed']])
  })

  test('is not claimed for a weaker engine, whatever its entry in the queue says', async () => {
    server = await evaluationsHarness({ script: playOut, says: weak, beside: [gvisor], hasWorker: false })
    const { id } = await server.submit(server.alice, 'x', { isolation: 'kernel-private' })
    await server.queue.add([
      {
        id: 'an-entry-that-lies',
        rank: 1,
        body: {
          organizationId: server.alice.organizationId,
          evaluationId: id,
          runtime: null,
          isolation: 'none',
          engines: ['namespaces'],
        },
      },
    ])
    await server.startWorker()
    await server.reaches(server.alice, id, 'completed')
    expect(await historyOf({ id })).toEqual([['gvisor', 'completed']])
    expect(server.executor.begun).toEqual([])
  })

  test('keeps what it was submitted under when the policy changes while it waits', async () => {
    server = await evaluationsHarness({ script: playOut, says: weak, beside: [gvisor], hasWorker: false })
    const { id, requires } = await server.submit(server.alice, 'x')
    expect(requires).toEqual({ isolation: 'none', engines: null })
    await set({ least: 'kernel-private', engines: null })
    expect((await server.read(server.alice, id)).requires).toEqual({ isolation: 'none', engines: null })
  })
})
