/** Checks an object against the schemas that Kubernetes publishes, as `fieldValidation=Strict` does: unknown fields are refused. */
import { validate as deleteOptions } from '@kubernetes-models/apimachinery/_schemas/IoK8sApimachineryPkgApisMetaV1DeleteOptions'
import { validate as job } from 'kubernetes-models/_schemas/IoK8sApiBatchV1Job'
import { validate as namespace } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Namespace'
import { validate as pod } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Pod'
import { validate as quota } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ResourceQuota'
import { validate as serviceAccount } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ServiceAccount'
import { validate as networkPolicy } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy'
import { validate as role } from 'kubernetes-models/_schemas/IoK8sApiRbacV1Role'
import { validate as roleBinding } from 'kubernetes-models/_schemas/IoK8sApiRbacV1RoleBinding'
import { Refusal } from './refusal.ts'

type Validate = ((data: unknown) => boolean) & {
  errors?: readonly { instancePath: string; keyword: string; params: unknown }[] | null
}

const schemas: Readonly<Record<string, Validate>> = {
  'batch/v1 Job': job,
  'v1 Pod': pod,
  'v1 Namespace': namespace,
  'v1 ResourceQuota': quota,
  'v1 ServiceAccount': serviceAccount,
  'v1 DeleteOptions': deleteOptions,
  'networking.k8s.io/v1 NetworkPolicy': networkPolicy,
  'rbac.authorization.k8s.io/v1 Role': role,
  'rbac.authorization.k8s.io/v1 RoleBinding': roleBinding,
}

/** Throws what an API server would answer: 422 for what is wrong, 400 for what no schema knows. */
export function requireValid(object: unknown): void {
  const { apiVersion, kind } = (object ?? {}) as { apiVersion?: unknown; kind?: unknown } // the look decides
  const validate = schemas[`${apiVersion} ${kind}`]
  if (validate === undefined) throw new Refusal(400, 'BadRequest', `no schema for ${apiVersion} ${kind}`)
  const asked = new Map<object, Set<PropertyKey>>()
  if (!validate(watched(object, asked))) {
    const found = (validate.errors ?? []).map((each) => `${each.instancePath} ${each.keyword} ${JSON.stringify(each.params)}`)
    throw new Refusal(422, 'Invalid', `${kind} is invalid: ${found.join('; ')}`)
  }
  const unknown = [...unasked(object, asked, '')]
  if (unknown.length > 0) throw new Refusal(400, 'BadRequest', `strict decoding error: unknown field ${unknown.join(', ')}`)
}

/**
 * The published schemas allow any further field, and the server's own strictness is not part of them. But a validator asks an
 * object for every field that its schema names: what was never asked for is not named.
 */
function watched<T>(value: T, asked: Map<object, Set<PropertyKey>>): T {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, name, receiver) {
      asked.set(target, (asked.get(target) ?? new Set()).add(name))
      return watched(Reflect.get(target, name, receiver), asked)
    },
  })
}

function* unasked(value: unknown, asked: Map<object, Set<PropertyKey>>, path: string): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  const names = asked.get(value)
  for (const [name, inner] of Object.entries(value)) {
    if (names?.has(name)) yield* unasked(inner, asked, `${path}.${name}`)
    else yield JSON.stringify(`${path}.${name}`.slice(1))
  }
}
