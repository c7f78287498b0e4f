/** What the API server keeps, with the versions and the watches that everything else hangs on. */
import { randomUUID } from 'node:crypto'

/** Any object of the API; the schemas were asked before it came here. */
export type Kube = {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace: string
    uid: string
    resourceVersion: string
    creationTimestamp: string
    deletionTimestamp?: string
    labels?: Record<string, string>
  }
  // What differs by kind is read where it is known which kind it is.
  // biome-ignore lint/suspicious/noExplicitAny: the API's objects are as wide as its schemas, which have been checked
  spec?: any
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  status?: any
}
export type Change = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Kube }
export type Resource = 'jobs' | 'pods' | 'networkpolicies'

export type Objects = {
  all(resource: Resource): Kube[]
  get(resource: Resource, name: string): Kube | undefined
  create(resource: Resource, object: Kube): Kube
  /** Publishes what was changed in place. Of an object that is gone: nothing. */
  touch(resource: Resource, object: Kube): void
  remove(resource: Resource, name: string): Kube | undefined
  /** Hears every later change. Call what it returns to stop. */
  watch(resource: Resource, listener: (change: Change) => void): () => void
  version(): string
}

export function keepObjects(namespace: string): Objects {
  const kept = { jobs: new Map<string, Kube>(), pods: new Map<string, Kube>(), networkpolicies: new Map<string, Kube>() }
  const listeners = new Map<Resource, Set<(change: Change) => void>>()
  let version = 1000
  const publish = (resource: Resource, change: Change) => {
    change.object.metadata.resourceVersion = String(++version)
    const seen = structuredClone(change)
    for (const listener of [...(listeners.get(resource) ?? [])]) listener(seen)
  }
  return {
    all: (resource) => [...kept[resource].values()],
    get: (resource, name) => kept[resource].get(name),
    create(resource, given) {
      const object: Kube = {
        ...given,
        metadata: {
          ...given.metadata,
          namespace,
          uid: randomUUID(),
          resourceVersion: '',
          creationTimestamp: new Date().toISOString(),
        },
      }
      kept[resource].set(object.metadata.name, object)
      publish(resource, { type: 'ADDED', object })
      return object
    },
    touch(resource, object) {
      if (kept[resource].get(object.metadata.name) === object) publish(resource, { type: 'MODIFIED', object })
    },
    remove(resource, name) {
      const object = kept[resource].get(name)
      if (object === undefined) return undefined
      kept[resource].delete(name)
      publish(resource, { type: 'DELETED', object })
      return object
    },
    watch(resource, listener) {
      const all = listeners.get(resource) ?? new Set()
      listeners.set(resource, all.add(listener))
      return () => void all.delete(listener)
    },
    version: () => String(version),
  }
}

/** `a=b,c=d`, the only form that is used here. */
export function matches(selector: string | null, labels: Readonly<Record<string, string>> = {}): boolean {
  if (selector === null || selector === '') return true
  return selector.split(',').every((term) => {
    const [name = '', value] = term.split('=')
    return labels[name] === value
  })
}
