import type { Clock } from '@aisle/std';

/** Percentiles in milliseconds; NaN without samples. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** The length of the measured window. */
const SECONDS = 10;
// A histogram with 16 buckets per doubling, from a microsecond on: a percentile is exact within 5 %.
const PER_DOUBLING = 16;
const BUCKETS = 32 * PER_DOUBLING;

interface Second {
  second: number;
  events: number;
  maxMs: number;
  readonly histogram: Uint32Array;
}

/** Events and their latencies over the last seconds. It costs a few steps per batch. */
export class Meter {
  private readonly ring: Second[] = Array.from({ length: SECONDS + 1 }, () => ({
    second: -1, events: 0, maxMs: 0, histogram: new Uint32Array(BUCKETS),
  }));
  private firstMs: number | undefined = undefined;

  record(events: number, latencyMs: number, nowMs: number): void {
    this.firstMs ??= nowMs;
    const second = this.at(Math.floor(nowMs / 1_000));
    second.events += events;
    second.maxMs = Math.max(second.maxMs, latencyMs);
    const bucket = Math.floor(Math.log2(Math.max(1, latencyMs * 1_000)) * PER_DOUBLING);
    second.histogram[Math.min(bucket, BUCKETS - 1)]! += events;
  }

  /** Events per second, over the last ten seconds or since the first event. */
  perSecond({ monotonicMs }: Pick<Clock, 'monotonicMs'>): number {
    const nowMs = monotonicMs();
    const events = this.recent(nowMs).reduce((sum, second) => sum + second.events, 0);
    // The window has the whole of its oldest second and the elapsed part of the youngest.
    const spanMs = Math.min((nowMs % 1_000) + (SECONDS - 1) * 1_000, nowMs - (this.firstMs ?? nowMs));
    return events === 0 ? 0 : (events * 1_000) / Math.max(spanMs, 1);
  }

  latency({ monotonicMs }: Pick<Clock, 'monotonicMs'>): Latency {
    const recent = this.recent(monotonicMs());
    const total = recent.reduce((sum, { events }) => sum + events, 0);
    if (total === 0) return { p50: NaN, p95: NaN, p99: NaN, max: NaN };
    const max = Math.max(...recent.map(({ maxMs }) => maxMs));
    const quantile = (fraction: number): number => Math.min(max, quantileOf(recent, total * fraction));
    return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max };
  }

  private at(second: number): Second {
    const slot = this.ring[second % this.ring.length] as Second;
    if (slot.second !== second) {
      slot.second = second;
      slot.events = 0;
      slot.maxMs = 0;
      slot.histogram.fill(0);
    }
    return slot;
  }

  private recent(nowMs: number): Second[] {
    const second = Math.floor(nowMs / 1_000);
    return this.ring.filter((slot) => slot.second > second - SECONDS && slot.second <= second);
  }
}

/** The upper end of the bucket with the event of this rank. */
function quantileOf(seconds: readonly Second[], rank: number): number {
  let below = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    for (const { histogram } of seconds) below += histogram[bucket] as number;
    if (below >= rank) return 2 ** ((bucket + 1) / PER_DOUBLING) / 1_000;
  }
  return Infinity;
}
