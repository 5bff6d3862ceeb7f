import type { Measured } from './comparison.ts';
import type { ContenderName } from './contenders.ts';

/** A figure that a full run must reach, and whether it did. */
export interface Bar {
  readonly bar: string;
  readonly measured: number;
  readonly met: boolean;
}

/** The design's bars for these figures. Bars without a figure are left out. */
export function barsOf(all: readonly Measured[]): Bar[] {
  const spread = find(all, 'aisle', 'spread, 64 clients');
  const typeorm = find(all, 'typeorm', 'spread, 64 clients');
  const redis = find(all, 'redis', 'spread, 64 clients');
  const crowded = find(all, 'aisle', 'spread, 256 clients');
  const hot = find(all, 'aisle', 'hot, 64 clients');
  const wal = spread?.walAnAdd;
  return [
    atLeast('spread, 64 clients: x typeorm', ratio(spread, typeorm), 3),
    atLeast('spread, 64 clients: x redis', ratio(spread, redis), 0.35),
    atMost('spread, 64 clients: p99 over that of typeorm', spread && typeorm && spread.p99Ms / typeorm.p99Ms, 1),
    // A bare prototype of the same path, without prices and fences, reaches 20,000.
    atLeast('spread, 256 clients: adds/s', crowded?.addsPerSecond, 18_000),
    atLeast('hot, 64 clients: x spread', ratio(hot, spread), 0.8),
    atLeast('hot, 64 clients: x typeorm', ratio(hot, find(all, 'typeorm', 'hot, 64 clients')), 10),
    atMost('spread, 64 clients: WAL bytes an add, full pages apart', wal && wal.bytes - wal.fullPageBytes, 800),
  ].filter((bar) => bar !== undefined);
}

/** The figures of one contender under one workload. */
export function find(all: readonly Measured[], name: ContenderName, workload: string): Measured | undefined {
  return all.find((each) => each.contender.name === name && each.workload.name === workload);
}

/** The ratio of adds per second. */
export function ratio(each: Measured | undefined, base: Measured | undefined): number | undefined {
  return each && base && each.addsPerSecond / base.addsPerSecond;
}

function atLeast(bar: string, measured: number | undefined, least: number): Bar | undefined {
  if (measured === undefined) return undefined;
  return { bar: `${bar} >= ${least}`, measured, met: measured >= least };
}

function atMost(bar: string, measured: number | undefined, most: number): Bar | undefined {
  if (measured === undefined) return undefined;
  return { bar: `${bar} <= ${most}`, measured, met: measured <= most };
}
