import type { EngineEntry } from '../entry.ts'
import { checkCluster, kubernetesEngine } from './index.ts'
import { settingsFlag } from './settings.ts'

export const kubernetesEntry: EngineEntry & { readonly name: 'kubernetes' } = {
  name: 'kubernetes',
  isolation: 'kernel-shared', // or more, by the RuntimeClass that the settings name
  summary: 'Jobs of a Kubernetes cluster, isolated by its RuntimeClass. Never tried on a real cluster yet.',
  settings: {
    [settingsFlag]: 'a JSON file that says which cluster, namespace, images and RuntimeClass; docs/guides/kubernetes-engine.md',
  },
  check: checkCluster,
  make: kubernetesEngine,
}
