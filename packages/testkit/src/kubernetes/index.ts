/** A simulated Kubernetes cluster for tests. Apart from the rest of the testkit, because nothing else needs what it imports. */
export {
  type DocumentedCluster,
  documentedCluster,
  documentedManifests,
  type Manifest,
  testCertificate,
} from './as-documented.ts'
export { type ClusterOptions, type Kube, type Rule, requireValid, startCluster, type TestCluster } from './cluster.ts'
