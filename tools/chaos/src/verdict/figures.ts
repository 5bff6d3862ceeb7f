import { quantile } from '@aisle/std';

/** `p50 812 ms, p99 1,920 ms, of 31`. */
export function describeTimes(samples: readonly number[]): string {
  if (samples.length === 0) return 'not measured';
  const [half, most] = [quantile(samples, 0.5), quantile(samples, 0.99)];
  return `p50 ${inMs(half)}, p99 ${inMs(most)}, of ${samples.length}`;
}

/** Whole milliseconds, with separated thousands. */
export function inMs(ms: number | undefined): string {
  return ms === undefined ? 'never' : `${Math.round(ms).toLocaleString('en')} ms`;
}
