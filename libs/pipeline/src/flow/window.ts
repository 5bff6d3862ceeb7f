import { checkInterval, checkNumber } from '@aisle/std';

/** Which events belong together: so many that follow each other, or what comes within a time. */
export interface Window {
  readonly eventsMax: number;
  readonly withinMs?: number;
}

/** What a window that is closed by time holds at most: what is held has to come again after a crash. */
const EVENTS_MAX = 10_000;

/**
 * Windows that follow each other without a gap: of `events` events, or of what comes within `ms` of a
 * window's first event, where `eventsMax` (10,000) closes it sooner. What is open when the source ends
 * is closed then.
 */
export function tumbling(size: number | { readonly ms: number; readonly eventsMax?: number }): Window {
  const window = typeof size === 'number'
    ? { eventsMax: size }
    : { eventsMax: size.eventsMax ?? EVENTS_MAX, withinMs: size.ms };
  checkNumber('the events of a window', window.eventsMax, { min: 1 });
  if ('withinMs' in window) checkInterval('the ms of a window', window.withinMs);
  return window;
}
