/** A condition that the person at the terminal has to mend. Its message is one sentence and what to do. */
export class Stop extends Error {}

/** One line of progress, on stderr so that it never mixes with what a command prints for machines. */
export const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`)

/**
 * Runs a command line tool to its end: a Stop is printed as its sentence, everything else with its stack.
 * @param {() => Promise<number>} main the exit code
 */
export async function command(main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    if (error instanceof Stop) say(error.message)
    else console.error(error)
    process.exitCode = 1
  }
}
