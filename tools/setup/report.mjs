/** A condition that the person at the terminal has to mend. Its message is one sentence and what to do. */
export class Stop extends Error {}

/** One line of progress, on stderr so that it never mixes with what a command prints for machines. */
export const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`)

/** How often a step that takes long says that it is still at work. */
const sayAgainAfterMs = 20_000

/**
 * Says what is being done, and again while it lasts: a slow network must not look like a hang.
 * @template T
 * @param {string} what as in "Installing …"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  say(`${what} …`)
  const startedAt = performance.now()
  const reminder = setInterval(
    () => say(`${what} … ${Math.round((performance.now() - startedAt) / 1000)} s so far`),
    sayAgainAfterMs,
  )
  try {
    return await work()
  } finally {
    clearInterval(reminder)
  }
}

/**
 * Does independent steps side by side and waits for all, so that what went wrong is the last thing said.
 * @param {readonly Promise<unknown>[]} steps
 */
export async function allOf(steps) {
  for (const result of await Promise.allSettled(steps)) if (result.status === 'rejected') throw result.reason
}

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
