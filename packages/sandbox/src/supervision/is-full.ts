import { statfsSync } from 'node:fs'

/** Whether the file system of a directory has no room left, for bytes or for names. */
export function isFull(directory: string): boolean {
  const { bavail, ffree } = statfsSync(directory)
  return bavail === 0 || ffree === 0
}
