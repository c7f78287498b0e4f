/**
 * Control files are small and their reads take microseconds: a trip through the thread pool would cost ten times that.
 * Read as UTF-8, which Node does without a buffer: any other encoding costs 64 KiB of garbage a read, for a file whose
 * size the kernel gives as 0.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

export function readNumber(directory: string, file: string): number {
  return Number(readFileSync(join(directory, file), 'utf8'))
}

export function readOptionalNumber(directory: string, file: string): number | null {
  try {
    return readNumber(directory, file)
  } catch {
    return null // a kernel without that file
  }
}

export function readText(directory: string, file: string): string | null {
  try {
    return readFileSync(join(directory, file), 'utf8')
  } catch {
    return null // a kernel without that file, or a controller that is not enabled
  }
}

/** The value of `key` in a file of "key value" lines; 0 when the kernel does not count it. */
export function readKeyed(directory: string, file: string, key: string): number {
  try {
    const text = readFileSync(join(directory, file), 'utf8')
    for (const line of text.split('\n')) if (line.startsWith(`${key} `)) return Number(line.slice(key.length + 1))
    return 0
  } catch {
    return 0
  }
}

export function writeValue(directory: string, file: string, value: number | string): void {
  writeFileSync(join(directory, file), String(value))
}

export function readMembers(directory: string): number[] {
  try {
    return readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return [] // removed already
  }
}

/** For the executor's own groups, once at its start and end. */
export async function makeGroup(directory: string): Promise<void> {
  await mkdir(directory)
}

/** A group can only be removed when empty; the caller knows that it is. */
export async function removeGroup(directory: string): Promise<void> {
  try {
    await rmdir(directory)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause // a node:fs error always carries a code
  }
}
