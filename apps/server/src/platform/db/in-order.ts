/**
 * Awaits statements that were sent in one write, and fails as the first of them in their order does. `Promise.all` fails
 * as whichever is heard first: a refusal drawn from one answer could lose to the next statement's constraint.
 */
export async function inOrder<const T extends readonly unknown[]>(
  statements: T,
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  const settled = await Promise.allSettled(statements)
  for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason
  return settled.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined)) as {
    -readonly [I in keyof T]: Awaited<T[I]> // none was rejected
  }
}
