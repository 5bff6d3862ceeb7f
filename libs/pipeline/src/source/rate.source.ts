import { limited } from './limited.source.ts';
import type { RateLimit } from './rate-limit.ts';
import type { OpenSource } from './source.ts';

/**
 * Makes events at the rate of a limit, for ever: the first gets 0, the next one 1, and so on, whatever
 * crashes. It makes no more than there is demand for: what the limit would have allowed meanwhile is
 * not made up for, but for the limit's burst.
 */
export function rate<E>(limit: RateLimit, make: (index: number) => E): OpenSource<E> {
  let next = 0;
  const fetch = (demand: number): E[] => {
    const events: E[] = [];
    for (let made = 0; made < demand; made += 1) events.push(make(next++));
    return events;
  };
  return limited(limit, () => ({ fetch }));
}
