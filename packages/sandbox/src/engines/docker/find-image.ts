import { Obstacle } from '../../obstacle.ts'
import type { Architecture } from '../../supervision/syscalls.ts'
import type { Calls, Image } from './calls.ts'
import type { DockerSettings } from './settings.ts'

/** Throws an Obstacle when the daemon does not answer, or lacks the image. */
export async function findImage(
  calls: Calls,
  settings: DockerSettings,
  signal: AbortSignal,
): Promise<{ image: Image; architecture: Architecture }> {
  const image = await calls.inspectImage(settings.image, signal).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    const denied = /EACCES|EPERM/.test(why)
    throw new Obstacle(
      why.endsWith('.') ? why : `${why}.`,
      denied
        ? 'Let the executor’s user reach the socket, best one of a proxy, or give --docker-host.'
        : 'Start the daemon, let its proxy pass the seven calls of docs/guides/docker-engine.md, or give another --docker-host.',
      { cause },
    )
  })
  if (!image) {
    throw new Obstacle(
      `The Docker daemon at ${settings.host} has no image ${settings.image}.`,
      `Run "docker pull ${settings.image}" there; the engine never pulls.`,
    )
  }
  const architecture = ({ amd64: 'x64', arm64: 'arm64' } as const)[image.architecture]
  if (image.os !== 'linux' || !architecture) {
    throw new Obstacle(
      `The image ${settings.image} is for ${image.os} on ${image.architecture}.`,
      'Give --docker-image one for Linux on amd64 or arm64.',
    )
  }
  return { image, architecture }
}
