import { limited } from './limited.source.ts';
import type { RateLimit } from './rate-limit.ts';
import type { OpenSource } from './source.ts';

/**
 * Makes events at the rate of a limit, for ever. The first has index 0, the next 1, and so on, regardless of crashes.
 * It makes no more than there is demand for, and makes up for lost time only by the limit's burst.
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
