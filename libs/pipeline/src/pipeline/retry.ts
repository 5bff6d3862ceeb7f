import type { RetryOptions } from '../dispatch/retries.ts';

const DEFAULTS = { backoffMs: 100, backoffMaxMs: 10_000 };

/** A pipeline's retries: with its defaults, and heard of when an event is given up. */
export function retries<E>(
  options: RetryOptions<E> = {},
  onDeadLetter: (event: E, attempts: number) => void,
): RetryOptions<E> {
  const { deadLetter } = options;
  if (deadLetter === undefined) return { ...DEFAULTS, ...options };
  const taken = (event: E, attempts: number): Promise<void> | void => {
    const taking = deadLetter(event, attempts);
    if (typeof (taking as PromiseLike<void> | undefined)?.then !== 'function') return onDeadLetter(event, attempts);
    return Promise.resolve(taking).then(() => onDeadLetter(event, attempts));
  };
  return { ...DEFAULTS, ...options, deadLetter: taken };
}
