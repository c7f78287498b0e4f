/** What the operator says about the cluster: one JSON file, so that a Deployment can mount it. Odd settings stop the start. */
import { readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { Obstacle } from '../../obstacle.ts'

const inPod = '/var/run/secrets/kubernetes.io/serviceaccount'
const path = z.string().refine(isAbsolute, 'is no absolute path')
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'is no name of Kubernetes')
const image = z.string().regex(/^[\w][\w.\-/:@]{0,511}$/, 'is no reference of an image')
const server = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith('https:') || isLoopback(new URL(url).hostname),
    'must be https, except on loopback (kubectl proxy)',
  )

const shape = z.strictObject({
  server: server.default('https://kubernetes.default.svc'),
  tokenFile: path.nullable().default(`${inPod}/token`), // null: whoever listens on loopback authenticates for us
  caFile: path.nullable().default(`${inPod}/ca.crt`), // null: the certificates that this machine trusts
  namespace: name,
  /** Without one, the node's default: containers that share the node's kernel. */
  runtimeClass: name.nullable().default(null),
  /** What that class gives, which no API tells: `kernel-private` for gVisor or Kata. The operator's word. */
  isolation: z.enum(['kernel-shared', 'kernel-private']).default('kernel-shared'),
  /** By language, with `default` for the others. Debian, with perl and with the programs where this machine has them. */
  images: z.looseObject({ default: image }).catchall(image),
  imagePullSecret: name.nullable().default(null),
  /** Of each sandbox, request and limit alike. */
  cpu: z
    .string()
    .regex(/^\d{1,4}m?$|^\d\.\d{1,3}$/, 'is no quantity of CPU')
    .default('1'),
  /** Where a node has user namespaces for pods (Kubernetes 1.33), its root is not the node's root. */
  userNamespaces: z.boolean().default(false),
  /** Sandboxes take a random user of this range: the node counts processes per user. */
  users: z
    .strictObject({ first: z.int().min(1000).max(2_000_000_000), count: z.int().min(1).max(100_000_000) })
    .default({ first: 1_000_000_000, count: 10_000_000 }),
  /** From asking for a pod to its being ready; afterwards it is a lack of room, or a fault. */
  startSeconds: z.int().min(1).max(3600).default(120),
  /** How long one pod may serve; what needs longer gets another. The cluster ends it a little later, come what may. */
  lifeSeconds: z.int().min(60).max(86_400).default(900),
})
export type KubernetesSettings = z.infer<typeof shape>
export const settingNames = Object.keys(shape.shape)

export const settingsFlag = 'kubernetes-config'
const guide = 'docs/guides/kubernetes-engine.md has an example.'

export function readSettings(settings: Readonly<Record<string, string>>): KubernetesSettings {
  const file = settings[settingsFlag]
  if (file === undefined) throw new Obstacle('Nobody said which cluster to use.', `Give --${settingsFlag} FILE; ${guide}`)
  let text: unknown
  try {
    text = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Obstacle(`The file ${file} cannot be read as JSON.`, guide, { cause })
  }
  const parsed = shape.safeParse(text)
  if (parsed.success) return parsed.data
  const complaints = parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || 'the file'}: ${issue.message}`)
  throw new Obstacle(`The file ${file} has settings that cannot be used: ${complaints.join('; ')}.`, guide)
}

function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
