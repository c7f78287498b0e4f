/** Every case in pods of a simulated cluster that is set up as the guide says; their containers really run on this machine. */
import { documentedCluster } from '@crucible/testkit/kubernetes'
import { afterAll } from 'vitest'
import { holdsConformance } from '../../conformance/of-engine.ts'
import { kubernetesEntry } from './entry.ts'

const cluster = await documentedCluster()
afterAll(() => cluster.close())

await holdsConformance(kubernetesEntry, { uidBase: 1_780_000_000, settings: cluster.settings })
