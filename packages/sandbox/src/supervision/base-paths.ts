/** What a program needs inside to be started at all. */
import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import { Obstacle } from '../obstacle.ts'
import type { Architecture } from './syscalls.ts'

const triplets: Record<Architecture, { triplet: string; loader: string }> = {
  x64: { triplet: 'x86_64-linux-gnu', loader: '/lib64/ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: '/lib/ld-linux-aarch64.so.1' },
}

/** The loader and the directory of the C library. Debian's layout first, then Fedora's. */
export function basePaths(architecture: Architecture): string[] {
  const { triplet, loader } = triplets[architecture]
  const libraries = [`/usr/lib/${triplet}`, '/usr/lib64', '/lib'].find((path) => existsSync(`${path}/libc.so.6`))
  if (!libraries) throw new Obstacle('The C library was found in none of the usual places.', 'Use Debian, Ubuntu or Fedora.')
  return [libraries, loader]
}

/** /bin -> usr/bin and its like, as far as this machine has them: programs name /bin/sh. */
export function mergedDirectories(): [path: string, target: string][] {
  return ['/bin', '/sbin', '/lib', '/lib64']
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    .map((path) => [path, readlinkSync(path)])
}
