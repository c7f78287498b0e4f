/** The cluster of docs/guides/kubernetes-engine.md: its manifests and nothing else, and an executor's settings for it. */
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { Rule } from './access.ts'
import { type ClusterOptions, startCluster, type TestCluster } from './cluster.ts'
import type { Image } from './pod-sandbox.ts'

const guide = join(import.meta.dirname, '../../../../docs/guides/kubernetes-engine.md')
const token = 'token-of-the-executor'
const testImage = 'registry.test/debian:12'
/** For the loopback address, signed by itself, and good for tests alone: its key is here for everybody to read. */
export const testCertificate = {
  key: readFileSync(join(import.meta.dirname, 'certificate/key.pem'), 'utf8'),
  cert: readFileSync(join(import.meta.dirname, 'certificate/certificate.pem'), 'utf8'),
}
/** This machine's own programs. Of /etc only what programs look for and what holds no secret. */
const debian: Image = {
  paths: [
    ...readdirSync('/usr').flatMap((name) => (name === 'local' ? [] : [`/usr/${name}`])),
    ...['/etc/alternatives', '/etc/ld.so.cache'],
    ...globSync('/etc/java-*'),
  ],
  // Node comes through npm, and an image would have it here.
  elsewhere: process.execPath.startsWith('/usr/') ? [] : [{ host: process.execPath, inside: '/usr/local/bin/node' }],
  files: {
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
    '/etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  },
}

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
