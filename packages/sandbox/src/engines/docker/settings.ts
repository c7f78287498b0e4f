/** What the engine is told: where the daemon is, and which image and runtime a sandbox is made of. */
import { existsSync } from 'node:fs'
import type { EngineSettings } from '../../engine.ts'
import { Obstacle } from '../../obstacle.ts'
import { type Address, parseAddress } from './address.ts'

export type DockerSettings = {
  readonly address: Address
  readonly host: string // as it was given, for sentences
  readonly image: string
  readonly runtime: Runtime
  readonly cpus: number // processors that one sandbox may use at once
}

/** The runtimes whose behaviour we know; a daemon may have others, which would be believed and not known. */
const runtimes = ['runc', 'runsc'] as const
export type Runtime = (typeof runtimes)[number]

export const settingNames = {
  'docker-host': 'Where the Docker Engine API answers: unix:///path or tcp://host:port. Best a proxy that allows seven calls.',
  'docker-image': 'The image that programs see as their root: name:tag, name@sha256:… or an id. It is never pulled.',
  'docker-runtime': 'runc, or runsc for a kernel of its own.',
  'docker-cpus': 'Processors that one sandbox may use at once, 1 by default.',
}

const defaultHost = 'unix:///var/run/docker.sock'
// As Docker writes references; also keeps a query or a second path segment out of the URL.
const reference = /^[A-Za-z0-9][A-Za-z0-9._\-/:@]{0,254}$/

export function readSettings(given: EngineSettings): DockerSettings {
  const host = given['docker-host'] ?? defaultHost
  const address = parseAddress(host)
  if (!address) {
    throw new Obstacle(
      `The Docker host ${host} is neither unix:///path nor tcp://host:port.`,
      'Give --docker-host such an address; for TLS or ssh let a tunnel end on this machine.',
    )
  }
  const image = given['docker-image']
  if (image === undefined || !reference.test(image)) {
    throw new Obstacle(
      image === undefined ? 'The engine docker needs an image.' : `${JSON.stringify(image)} is no name of an image.`,
      'Give --docker-image one that the daemon has and that contains Perl and the languages, for example python:3.13-bookworm.',
    )
  }
  const name = given['docker-runtime'] ?? 'runc'
  const runtime = runtimes.find((known) => known === name)
  if (!runtime) {
    throw new Obstacle(
      `The container runtime ${JSON.stringify(name)} is not known.`,
      `Give --docker-runtime ${runtimes.join(' or ')}.`,
    )
  }
  const cpus = Number(given['docker-cpus'] ?? '1')
  if (!(cpus >= 0.1 && cpus <= 1024)) {
    throw new Obstacle(`${given['docker-cpus']} is no number of processors.`, 'Give --docker-cpus a number between 0.1 and 1024.')
  }
  if (address.kind === 'unix' && !existsSync(address.path)) {
    throw new Obstacle(
      `Nothing is at ${address.path}, where the Docker daemon was expected.`,
      'Start it ("apt-get install docker.io", "systemctl start docker") or give --docker-host.',
    )
  }
  return { address, host, image, runtime, cpus }
}
