import { trendOf, type MemorySample } from './memory-samples.ts';

describe('trendOf', () => {
  it('finds no trend in a constant figure', () => {
    expect(trendOf(samples(100, 100, 100, 100, 100), 'heapUsed')).toEqual({
      firstQuarter: 100, lastQuarter: 100, ratio: 1, perMinute: 0,
    });
  });

  it('reports the growth per minute', () => {
    const { perMinute, ratio } = trendOf(samples(100, 110, 120, 130, 140, 150, 160, 170), 'heapUsed');

    expect(perMinute).toBeCloseTo(10);
    expect(ratio).toBeCloseTo(165 / 105);
  });

  it('does not mistake one high sample for a trend', () => {
    expect(trendOf(samples(100, 100, 180, 100, 100, 100, 100, 100), 'heapUsed').ratio).toBe(1);
  });
});

function samples(...heapUsed: number[]): MemorySample[] {
  return heapUsed.map((bytes, minute) => ({
    atMs: minute * 60_000, rss: bytes, heapUsed: bytes, external: 0, liveBaskets: 10,
  }));
}
