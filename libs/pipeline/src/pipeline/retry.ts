import type { RetryOptions } from '../dispatch/retries.ts';

const DEFAULTS = { backoffMs: 100, backoffMaxMs: 10_000 };

/** A pipeline's retries, with its defaults, and with a report of each event that is given up. */
export function retries<E>(
  options: RetryOptions<E> = {},
  onDeadLetter: (event: E, attempts: number) => void,
): RetryOptions<E> {
  const { deadLetter } = options;
  if (deadLetter === undefined) return { ...DEFAULTS, ...options };
  const taken = async (event: E, attempts: number): Promise<void> => {
    await deadLetter(event, attempts);
    onDeadLetter(event, attempts);
  };
  return { ...DEFAULTS, ...options, deadLetter: taken };
}
