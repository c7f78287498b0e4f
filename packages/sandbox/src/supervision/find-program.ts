/** Programs of the system that engines stand on. */
import { accessSync, constants } from 'node:fs'
import { MissingProgram } from '../obstacle.ts'

const places = ['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin', '/sbin', '/usr/local/sbin']

/** The first that is there; the obstacle names the Debian package when none is. */
export function findProgram(name: string, packageName: string): string {
  for (const place of places) {
    try {
      accessSync(`${place}/${name}`, constants.X_OK)
      return `${place}/${name}`
    } catch {
      // the next place
    }
  }
  throw new MissingProgram(`The program ${name} is not installed.`, `Run "apt-get install ${packageName}".`)
}
