import { bothPolicies, isolations, noPolicy } from '@crucible/contracts'
import type { ExecutorStatus } from '@crucible/sandbox/spec'
import { scriptedExecutor } from '@crucible/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { createExecutorClient } from '../../platform/executor/index.ts'
import { isolationUnavailable, requirementOf, satisfies } from './requirement.ts'

let said: ExecutorStatus
beforeAll(async () => {
  const executor = await scriptedExecutor(() => {})
  const client = createExecutorClient({ address: { socketPath: executor.socketPath }, token: executor.token })
  said = await client.status(AbortSignal.timeout(5_000))
  client.close()
  await executor.stop()
})

describe('what is required', () => {
  test('is the policy, or more when the request asks for more; less is refused and never raised in silence', () => {
    const policy = { least: 'kernel-shared', engines: null } as const
    for (const asked of isolations) {
      if (asked === 'none' || asked === 'process')
        expect(() => requirementOf(asked, policy)).toThrow(expect.objectContaining({ code: 'isolation_below_policy' }))
      else expect(requirementOf(asked, policy).isolation).toBe(asked)
    }
    expect(requirementOf(undefined, policy)).toEqual({ isolation: 'kernel-shared', engines: null })
  })

  test('is of both policies the stronger level and the engines that both allow', () => {
    const project = { least: 'kernel-private', engines: ['gvisor' as const, 'docker' as const] } as const
    expect(bothPolicies(noPolicy, { ...project, engines: [...project.engines] })).toEqual(project)
    expect(bothPolicies({ least: 'kernel-private', engines: ['docker'] }, { least: 'none', engines: ['docker', 'oci'] })).toEqual(
      {
        least: 'kernel-private',
        engines: ['docker'],
      },
    )
    expect(bothPolicies({ least: 'none', engines: ['oci'] }, { least: 'none', engines: ['docker'] }).engines).toEqual([])
  })

  test.each(isolations)(
    'is met by every engine that isolates as well or better than %s, when it is one of those allowed',
    (level) => {
      const reach = isolations.indexOf(level)
      for (const [at, isolation] of isolations.entries()) {
        expect(satisfies({ engine: 'x', isolation }, { isolation: level, engines: null })).toBe(at >= reach)
        expect(satisfies({ engine: 'x', isolation }, { isolation: level, engines: ['x', 'y'] })).toBe(at >= reach)
        expect(satisfies({ engine: 'x', isolation }, { isolation: level, engines: ['y'] })).toBe(false)
      }
    },
  )
})

describe('the refusal says what is needed, what there is, and what would be enough', () => {
  const required = { isolation: 'kernel-private', engines: null } as const
  const detailWith = (engines: ExecutorStatus['engines'], runtime: string | null = null) =>
    isolationUnavailable(required, [{ ...said, engines }], { pointer: '', runtime }).details.detail
  const gvisor = { name: 'gvisor', isolation: 'kernel-private', summary: '', obstacle: null } as const

  test('an engine that the machine of an executor has', () => {
    expect(detailWith([gvisor])).toBe(
      'A run here needs isolation of at least kernel-private. What has reported: scripted (process). Enough would be an executor started with the engine gvisor, which the machines here have.',
    )
  })

  test('or one that it lacks, with what mends it', () => {
    const obstacle = { reason: 'runsc was not found.', remedy: 'Install it.' }
    expect(detailWith([{ ...gvisor, obstacle }])).toContain('gvisor: runsc was not found. Install it.')
  })

  test('or, where nobody knows of one, what to look for', () => {
    expect(detailWith([], 'java@17')).toBe(
      'A run of java@17 needs isolation of at least kernel-private. What has reported and offers java@17: scripted (process). Enough would be an executor with isolation of at least kernel-private.',
    )
  })
})
