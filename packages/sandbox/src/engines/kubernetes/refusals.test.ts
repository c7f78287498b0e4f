/** When the engine refuses to be made: always with a reason, and with what mends it. */
import { readFileSync } from 'node:fs'
import { type DocumentedCluster, documentedCluster, documentedManifests, testCertificate } from '@crucible/testkit/kubernetes'
import { afterEach, expect, test } from 'vitest'
import type { FoundEngine } from '../../engine.ts'
import { Obstacle } from '../../obstacle.ts'
import { kubernetesEntry } from './entry.ts'
import { kubernetesEngine } from './index.ts'
import { settingNames } from './settings.ts'

type Options = Parameters<typeof documentedCluster>[0]
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function engineIn(options: Options): Promise<{ cluster: DocumentedCluster; engine: FoundEngine }> {
  const cluster = await documentedCluster(options)
  opened.push(cluster)
  const given = { slots: 1, stateDir: cluster.stateDir, uidBase: null, allowUnsafe: false, settings: cluster.settings }
  const engine = await kubernetesEngine(given)
  opened.push(engine)
  return { cluster, engine }
}
async function complaint(options: Options): Promise<string> {
  const refusal: unknown = await engineIn(options).catch((cause: unknown) => cause)
  expect(refusal).toBeInstanceOf(Obstacle)
  return refusal instanceof Obstacle ? refusal.message : ''
}

test('without the network policy', async () => {
  expect(await complaint({ networkPolicies: [] })).toContain('has no NetworkPolicy crucible-sandbox')
})
test('with one that leaves a way out', async () => {
  const policy = documentedManifests().find(({ kind }) => kind === 'NetworkPolicy')
  const leaky = { ...policy, spec: { podSelector: {}, policyTypes: ['Ingress'] } }
  expect(await complaint({ networkPolicies: [leaky] })).toContain('does not forbid sandboxes every connection')
})
test('when the network plugin does not enforce it', async () => {
  expect(await complaint({ enforcesPolicies: false })).toContain('its network policy is not in force')
})
test('with a wrong token, or a role that lacks a verb, and then it says what to apply', async () => {
  expect(await complaint({ token: 'another' })).toMatch(/401 Unauthorized.*kubectl apply/)
  const rules = documentedManifests().flatMap((each) => each.rules ?? [])
  const fewer = rules.filter(({ resources }) => !resources?.includes('jobs'))
  expect(await complaint({ rules: fewer })).toMatch(/403 Forbidden.*kubectl apply/)
})
test('when nobody answers, or settings are odd', async () => {
  expect(await complaint({ config: { server: 'https://127.0.0.1:1' } })).toContain('cannot be used')
  expect(await complaint({ config: { server: 'http://example.com' } })).toContain('must be https')
  expect(await complaint({ config: { image: 'x' } })).toContain('settings that cannot be used')
})
test('when the server cannot show a certificate that it was told to trust', async () => {
  const { cert } = testCertificate
  const { engine } = await engineIn({ tls: testCertificate, ca: cert }) // with it, everything works over TLS
  expect(engine.version).toBe('v1.34.0-simulated')
  expect(await complaint({ tls: testCertificate })).toContain('cannot be used')
})
test('a look tells as much, quickly, for whoever lists the engines', async () => {
  const cluster = await documentedCluster({ networkPolicies: [] })
  opened.push(cluster)
  const options = { slots: 1, stateDir: cluster.stateDir, uidBase: null, allowUnsafe: false }
  const look = (settings: Readonly<Record<string, string>>) =>
    kubernetesEntry.check({ ...options, settings }, AbortSignal.timeout(5000))
  await expect(look({})).rejects.toThrow('Nobody said which cluster to use')
  await expect(look(cluster.settings)).rejects.toThrow('has no NetworkPolicy')
})
test('every setting is in the guide', () => {
  const guide = readFileSync(new URL('../../../../../docs/guides/kubernetes-engine.md', import.meta.url), 'utf8')
  expect(settingNames.filter((name) => !guide.includes(`| \`${name}\` |`))).toEqual([])
})
