/** The cluster of docs/guides/kubernetes-engine.md: its manifests and nothing else, and an executor's settings for it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { Rule } from './access.ts'
import { type ClusterOptions, startCluster, type TestCluster } from './cluster.ts'

const guide = join(import.meta.dirname, '../../../../docs/guides/kubernetes-engine.md')
const token = 'token-of-the-executor'
const testImage = 'registry.test/debian:12'
/** For the loopback address, signed by itself, and good for tests alone: its key is here for everybody to read. */
export const testCertificate = {
  key: readFileSync(join(import.meta.dirname, 'certificate/key.pem'), 'utf8'),
  cert: readFileSync(join(import.meta.dirname, 'certificate/certificate.pem'), 'utf8'),
}
/** This machine's own programs. The files of /etc are those that programs look for and that hold no secret. */
const debian = { paths: ['/usr', '/etc/alternatives', '/etc/ld.so.cache', '/etc/passwd', '/etc/group'] }

export type Manifest = { kind: string; metadata: { name: string; namespace?: string }; rules?: Rule[] }

/** Every manifest that the guide tells to apply, as written there. */
export function documentedManifests(): Manifest[] {
  const blocks = [...readFileSync(guide, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)
  return blocks.flatMap((text) => parseAllDocuments(text).map((each) => each.toJS() as Manifest)) // the schemas check it
}

export type DocumentedCluster = TestCluster & {
  /** Flags of the engine, by name. */
  readonly settings: Readonly<Record<string, string>>
  readonly stateDir: string
}

export async function documentedCluster(
  more: Partial<ClusterOptions> & { readonly config?: object; readonly ca?: string } = {},
): Promise<DocumentedCluster> {
  const manifests = documentedManifests()
  const { config, ca, ...options } = more
  const cluster = await startCluster({
    namespace: 'crucible-sandboxes',
    token, // `more` may want another than the executor has
    rules: manifests.flatMap((each) => (each.kind === 'Role' ? (each.rules ?? []) : [])),
    networkPolicies: manifests.filter(({ kind }) => kind === 'NetworkPolicy'),
    images: { [testImage]: debian },
    ...options,
  })
  const stateDir = mkdtempSync(join(tmpdir(), 'crucible-kubernetes-'))
  const at = (name: string, text: string) => {
    writeFileSync(join(stateDir, name), text, { mode: 0o600 })
    return join(stateDir, name)
  }
  const settings = {
    server: cluster.server,
    tokenFile: at('token', token),
    caFile: ca === undefined ? null : at('ca.crt', ca),
    namespace: 'crucible-sandboxes',
    images: { default: testImage },
    users: { first: 1_780_000_000, count: 1000 },
    startSeconds: 20,
    ...config,
  }
  return {
    ...cluster,
    stateDir,
    settings: { 'kubernetes-config': at('kubernetes.json', JSON.stringify(settings)) },
    async close() {
      await cluster.close()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}
