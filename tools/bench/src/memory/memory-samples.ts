/** The memory of a process after a full collection, in bytes. */
export interface MemorySample {
  /** Time since the first one. */
  readonly atMs: number;
  readonly rss: number;
  readonly heapUsed: number;
  /** Buffers and so on, outside of the heap. */
  readonly external: number;
  readonly liveBaskets: number;
}

/** One figure over a run. */
export interface Trend {
  /** Means of the first and of the last quarter of the samples. */
  readonly firstQuarter: number;
  readonly lastQuarter: number;
  /** Last quarter over first quarter. */
  readonly ratio: number;
  /** The slope of the least-squares line through all samples. */
  readonly perMinute: number;
}

export function trendOf(samples: readonly MemorySample[], figure: 'rss' | 'heapUsed' | 'external'): Trend {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const values = samples.map((sample) => sample[figure]);
  const firstQuarter = mean(values.slice(0, quarter));
  const lastQuarter = mean(values.slice(-quarter));
  const minutes = samples.map(({ atMs }) => atMs / 60_000);
  return { firstQuarter, lastQuarter, ratio: lastQuarter / firstQuarter, perMinute: slope(minutes, values) };
}

function slope(xs: readonly number[], ys: readonly number[]): number {
  const [x0, y0] = [mean(xs), mean(ys)];
  const spread = xs.reduce((sum, x) => sum + (x - x0) ** 2, 0);
  if (spread === 0) return 0;
  return xs.reduce((sum, x, index) => sum + (x - x0) * ((ys[index] ?? y0) - y0), 0) / spread;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
