import { checkInterval, checkNumber } from '@aisle/std';

/** The bounds of a window: a number of consecutive events, or the events within a time. */
export interface Window {
  readonly eventsMax: number;
  readonly withinMs?: number;
}

/** The maximum of a window that is closed by time. Its events must come again after a crash. */
const EVENTS_MAX = 10_000;

/**
 * Consecutive windows without gaps. A window has `events` events, or the events within `ms` of its first one; then
 * `eventsMax` (10,000) may close it sooner. An open window is closed when the source ends.
 */
export function tumbling(size: number | { readonly ms: number; readonly eventsMax?: number }): Window {
  const window = typeof size === 'number'
    ? { eventsMax: size }
    : { eventsMax: size.eventsMax ?? EVENTS_MAX, withinMs: size.ms };
  checkNumber('the events of a window', window.eventsMax, { min: 1 });
  if ('withinMs' in window) checkInterval('the ms of a window', window.withinMs);
  return window;
}
