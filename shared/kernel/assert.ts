/** A broken invariant of ours: a bug, never the caller's mistake. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** States an invariant. Nobody catches its failure to carry on. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
