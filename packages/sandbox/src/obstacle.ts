import { EngineFault } from './engine.ts'

/** Why an engine refuses to be made, and what whoever runs this machine can do about it. */
export class Obstacle extends EngineFault {
  override name = 'Obstacle'
  readonly reason: string
  readonly remedy: string
  constructor(reason: string, remedy: string, options?: ErrorOptions) {
    super(`${reason} ${remedy}`, options)
    this.reason = reason
    this.remedy = remedy
  }
}

/** A program that a package of the system would bring. */
export class MissingProgram extends Obstacle {
  override name = 'MissingProgram'
}
