/**
 * Guards an invariant: a false condition is a bug in this code base, and crashes its actor.
 * For bad input throw a `Failure` instead.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
